import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab, leaveLab } from '../lab/support/deployed.ts';
import { onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { asAdministrator } from '../lab/support/openstack-client.ts';
import { controlSeat, publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';
import { override, variantOf } from '../lab/support/variant.ts';

// A service of the operator's own, on two of the control hosts: behind both load balancers, and found by the catalogue; and
// a file of his own beside it.
const inventory = 'inventories/lab.yaml';
const lab = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];
const addresses: Readonly<Record<string, string>> = { ctl01: '10.77.0.11', ctl02: '10.77.0.12' };
const servers = Object.keys(addresses);
/** A file of the operator's own, for which Keystone is restarted: nobody may list regions. */
const policy = '/etc/keystone/policy.d/10-regions.yaml';
const offer = `services:
  own-http:
    services:
      volumes:
        port: 8776
        servers: { hosts: [${servers.join(', ')}] }
        check: { path: /healthcheck, expect: 200 }
        catalogue: { type: volumev3, path: '/v3/%(project_id)s', description: Block storage }
  own-files:
    files:
      ${policy}: { group: keystone, mode: '0640', restart: [keystone.service] }
`;
let next: LabOf;

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
  const variant = await variantOf(inventory, (text) => text.replace('services:\n', offer));
  await override(variant, `role/control/files${policy}`, '"identity:list_regions": "!"\n');
  next = labOf(variant.inventory);
  for (const host of servers) {
    await lab.on(host, `cat >/root/volumes.py <<'END'\n${serving}\nEND`);
    await serve(host);
  }
});
afterAll(() => leaveLab(lab));

test('it is offered on a running cloud: no request fails, and there is nothing left to do', async () => {
  const seen = await underLoad(lab, async () => {
    await next.must('deploy', '--yes');
  });
  await expectNothingFailed('offered', seen, lab, databases);
  await awaitHealthy(next, 120);
  expect((await next.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
});

test('its address is found in the catalogue and answers, from both servers in turn, on either VIP', async () => {
  const client = await asAdministrator(lab, 'ctl01');
  const { endpoints } = JSON.parse(await client('catalog show volumes -f json'));
  const found = endpoints.map(({ interface: kind, url }: Record<string, string>) => [kind, url]);
  expect(Object.fromEntries(found)).toEqual({
    public: expect.stringMatching(/^https:\/\/cloud\.lab:8776\/v3\/[0-9a-f]{32}$/),
    internal: expect.stringMatching(/^https:\/\/internal\.cloud\.lab:8776\/v3\/[0-9a-f]{32}$/),
    ...(found.length > 2 ? { admin: expect.stringContaining(':8776/v3/') } : {}),
  });
  for (const { hostname, address } of [publicSeat, controlSeat]) {
    const { answers, failures } = await ask(hostname, address, 2);
    expect(failures).toEqual([]);
    expect([...new Set(answers)].toSorted()).toEqual(servers);
  }
});

test("a file of the operator's own is where it was put, whose it was said to be, and Keystone goes by it", async () => {
  const placed = await onEach(lab, databases, `stat -c '%U %G %a' ${policy}; cat ${policy}`);
  const one = 'root keystone 640\n"identity:list_regions": "!"';
  expect(placed).toEqual(Object.fromEntries(databases.map((host) => [host, one])));
  for (const host of databases) {
    const client = await asAdministrator(lab, host);
    await expect(client('region list')).rejects.toThrow('403');
  }
});

test('one of its servers is stopped and started again: no request fails, and status names it meanwhile', async () => {
  const asking = ask(publicSeat.hostname, publicSeat.address, 60);
  await sleep(10_000);
  await lab.on('ctl01', 'systemctl stop volumes');
  await sleep(10_000);
  const status = await next.mcp('status');
  expect(status.exitCode, status.output).not.toBe(0);
  expect(status.output).toContain('volumes');
  await serve('ctl01');
  const { answers, failures } = await asking;
  console.log(`${failures.length} of ${answers.length + failures.length} requests failed`);
  expect(failures).toEqual([]);
  expect(answers.length).toBeGreaterThan(400);
  await awaitHealthy(next, 120);
});

test('taken out of the inventory it leaves both load balancers and the catalogue, and no request fails', async () => {
  const seen = await underLoad(lab, async () => {
    await lab.must('deploy', '--yes');
  });
  await expectNothingFailed('taken out', seen, lab, databases);
  await awaitHealthy(lab, 120);
  const client = await asAdministrator(lab, 'ctl01');
  expect(await client('endpoint list -f value -c URL')).not.toContain(':8776');
  expect(await lab.on('prx01', "ss -Htln 'sport = 8776'")).toBe('');
  expect(await onEach(lab, databases, `ls ${policy} 2>/dev/null || true`)).toEqual(
    Object.fromEntries(databases.map((host) => [host, ''])),
  );
  expect(await client('region list -f value -c Region')).toBe('RegionOne');
});

/** It listens on its host's internal address alone: the VIP's is the load balancer's. */
const serve = async (host: string): Promise<void> => {
  const command =
    'systemctl stop volumes 2>/dev/null; systemd-run --quiet --unit=volumes python3 /root/volumes.py';
  await lab.on(host, `${command} ${addresses[host] ?? ''}`);
};

const serving = `import http.server, socket, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = socket.gethostname().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_rest): pass
http.server.ThreadingHTTPServer((sys.argv[1], 8776), Answer).serve_forever()`;

interface Asked {
  readonly answers: readonly string[];
  readonly failures: readonly string[];
}

/** Ten requests a second through a VIP, each over a connection of its own. */
const ask = async (hostname: string, address: string, seconds: number): Promise<Asked> =>
  JSON.parse(
    await lab.on(
      'ctl03',
      `python3 - <<'END'
import http.client, json, socket, ssl, time
trusted = ssl.create_default_context()
answers, failures = [], []
end = time.monotonic() + ${seconds}
while time.monotonic() < end:
    began = time.monotonic()
    try:
        connection = http.client.HTTPSConnection("${hostname}", 8776, timeout=5, context=trusted)
        connection._create_connection = lambda *_rest: socket.create_connection(("${address}", 8776), 5)
        connection.request("GET", "/healthcheck")
        answer = connection.getresponse()
        body = answer.read().decode()
        if answer.status == 200: answers.append(body)
        else: failures.append(f"{answer.status} {body}")
    except OSError as failure:
        failures.append(repr(failure))
    time.sleep(max(0, began + 0.1 - time.monotonic()))
print(json.dumps({"answers": answers, "failures": failures}))
END`,
    ),
  );
