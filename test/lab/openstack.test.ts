import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { watchApis } from './support/api-watch.ts';
import { guessPasswords, headersAt } from './support/at-public-vip.ts';
import { openBrowser } from './support/browser-session.ts';
import { delaysWithoutCaches, makeWhatPagesShow, pages } from './support/dashboard.ts';
import { deployedLab } from './support/deployed.ts';
import { holdersOf } from './support/hosts.ts';
import { type LabOf, root } from './support/mcp.ts';
import { asAdministrator } from './support/openstack-client.ts';
import { isQuickMachine } from './support/quick-machine.ts';
import { administratorPassword, controlSeat, publicSeat } from './support/seat.ts';
import { awaitHealthy } from './support/steady.ts';

const inventory = 'inventories/lab.yaml';
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 180);
});

test('the openstack client makes and lists what it should through the public VIP, TLS verified', async () => {
  const client = await asAdministrator(lab, 'ctl01');
  await makeWhatPagesShow(client);
  await client('user create --project seen --password seen-only-here seen-user');
  await client('token issue');
  const services = JSON.parse(await client('compute service list -f json'));
  const up = (binary: string) =>
    services
      .filter((one: Record<string, string>) => one['Binary'] === binary && one['State'] === 'up')
      .map((one: Record<string, string>) => one['Host'])
      .toSorted();
  expect(up('nova-conductor')).toEqual(['ctl01', 'ctl02', 'ctl03']);
  expect(up('nova-scheduler')).toEqual(['ctl01', 'ctl02', 'ctl03']);
  const endpoints = JSON.parse(await client('endpoint list --interface public -f json'));
  expect(endpoints.length).toBeGreaterThanOrEqual(5);
  for (const endpoint of endpoints) expect(endpoint['URL']).toMatch(/^https:\/\/cloud\.lab:/);
});

test('no header that a client forges changes the links that an API answers, on either load balancer', async () => {
  const forged = [
    'Forwarded: host=evil.example;proto=http',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Port: 666',
    'X-Forwarded-Prefix: /evil.example',
    'X_Forwarded_Host: evil.example',
    'X-Forwarded_Host: evil.example',
    'X-Forwarded-Proto: gopher',
  ];
  const asked = (header: string) => `
import http.client, json, socket, ssl
name, value = ${JSON.stringify(header)}.split(": ")
for address, host in (("${publicSeat.address}", "${publicSeat.hostname}"), ("${controlSeat.address}", "${controlSeat.hostname}")):
    connection = http.client.HTTPSConnection(host, 5000, timeout=10, context=ssl.create_default_context())
    connection._create_connection = lambda *_rest: socket.create_connection((address, 5000), 10)
    connection.request("GET", "/v3", headers={name: value})
    for link in json.load(connection.getresponse())["version"]["links"]:
        print(link["href"])
`;
  for (const header of forged) {
    const links = await lab.on('ctl01', `python3 - <<'END'\n${asked(header)}\nEND`);
    expect(links.split('\n'), header).toEqual([
      'https://cloud.lab:5000/v3/',
      expect.stringMatching(/^https:\/\/(internal\.cloud\.lab|10\.77\.0\.100):5000\/v3\/$/),
    ]);
  }
});

test('who guesses passwords from outside is held up at both doors; others, and all that is no guess, are served', async () => {
  const [holder = ''] = await holdersOf(lab, ['prx01', 'prx02'], publicSeat.address);
  const { guesses, after, another } = await guessPasswords(lab, holder);
  expect(guesses.at(-1)).toBe(429);
  expect([...new Set(guesses.slice(0, -1))]).toEqual([401]);
  // A burst is for whoever signs in for each of many tasks.
  expect(guesses.length).toBeGreaterThan(100);
  // A token is looked at without one: 401 is Keystone's own word.
  expect(after).toEqual({ token: 401, version: 200, page: 200, form: 429 });
  expect(another).toBe(401);
});

test('browsers are told of the dashboard what it may load, who may frame it and that it is never asked in cleartext, once', async () => {
  const headers = await headersAt(lab, 'ctl01', { port: 443, path: '/auth/login/' });
  const told = (name: string) => headers.filter(([header]) => header === name).map(([, value]) => value);
  expect(told('content-security-policy')).toEqual([
    expect.stringMatching(/default-src 'self';.*object-src 'none'; base-uri 'self'; form-action 'self'/),
  ]);
  expect(told('x-frame-options')).toEqual(['SAMEORIGIN']);
  expect(told('x-content-type-options')).toEqual(['nosniff']);
  expect(told('referrer-policy')).toEqual(['same-origin']);
  expect(told('strict-transport-security')).toEqual(['max-age=2592000']);
  expect(told('server')).toEqual(['nginx']);
  expect(told('set-cookie')).toEqual([expect.stringMatching(/^csrftoken=.*SameSite=Lax; Secure$/)]);
  const api = await headersAt(lab, 'ctl01', { port: 5000, path: '/v3' });
  expect(api.map(([header]) => header)).toContain('strict-transport-security');
  expect(api.map(([header]) => header)).not.toContain('content-security-policy');
});

test('an image of 300 MB streams through both proxies: their memory stays flat and their disk untouched', async () => {
  const client = await asAdministrator(lab, 'ctl01');
  await lab.on('ctl01', 'head -c 300000000 /dev/urandom >/root/large.raw');
  const [holder = ''] = await holdersOf(lab, ['prx01', 'prx02'], publicSeat.address);
  // The largest that all Nginx processes together came to, and what lay in its folders for bodies.
  const watch = lab.on(
    holder,
    `most=0; files=0; until [ -e /run/mcp-seen-enough ]; do
       now=$(ps -C nginx -o rss= | awk '{ n += $1 } END { print n }'); [ "$now" -gt "$most" ] && most=$now
       there=$(find /var/lib/nginx -type f | wc -l); [ "$there" -gt "$files" ] && files=$there
       sleep 0.2; done; rm /run/mcp-seen-enough; echo $most $files`,
  );
  const before = Number(await lab.on(holder, "ps -C nginx -o rss= | awk '{ n += $1 } END { print n }'"));
  try {
    await client('image create --disk-format raw --file /root/large.raw large-image');
    await client('image save --file /root/large.back large-image');
  } finally {
    await lab.on(holder, 'touch /run/mcp-seen-enough');
  }
  const [most = 0, files = 0] = (await watch).split(' ').map(Number);
  expect(await lab.on('ctl01', 'cmp /root/large.raw /root/large.back && echo same')).toBe('same');
  await lab.on('ctl01', 'rm /root/large.raw /root/large.back');
  await client('image delete large-image');
  // Nothing seen would be flat as well.
  expect(Math.min(before, most)).toBeGreaterThan(1000);
  expect(files).toBe(0);
  // A tenth of the image would already be a buffer that grows with it.
  expect(most - before).toBeLessThan(30_000);
});

test('no API was given to clients for want of patience: each was asked what it knows, and answered quickly', async () => {
  for (const host of ['ctl01', 'ctl02', 'ctl03']) {
    const told = await lab.on(host, 'journalctl -o cat -u mcp-api-checker');
    const warmed = [...told.matchAll(/^(\S+): warm after/gm)].map(([, api]) => api);
    expect([...new Set(warmed)].toSorted(), host).toEqual([
      'glance',
      'keystone',
      'neutron',
      'nova',
      'placement',
    ]);
    expect(told, host).not.toContain('is not warm after');
  }
});

test('threads of Keystone and Placement share locks that are made for threads', async () => {
  for (const [service, program] of [
    ['keystone', '/usr/bin/keystone-wsgi-public'],
    ['placement', '/usr/bin/placement-api'],
  ] as const) {
    expect(await lab.on('ctl01', `cat /etc/default/${service}*`)).toContain(
      `--import /usr/lib/mcp/${service}-thread-locks.py`,
    );
    const said = await lab.on(
      'ctl01',
      `cd / && runuser -u ${service} -- python3 - 2>/dev/null <<'E'
import logging, sys
sys.argv = ["${program}"]
for path in "/usr/lib/mcp/${service}-thread-locks.py", "${program}":
    exec(compile(open(path).read(), path, "exec"), {"__name__": "served"})
print("eventlet" in sys.modules, type(logging._lock).__module__, logging.Handler.createLock.__module__)
E`,
    );
    expect(said.trim().split('\n').at(-1), service).toBe('True _thread logging');
  }
});

test('what was under way when its peer vanished is sent again soon after somebody has the address again', async () => {
  const waits = (await lab.on('ctl02', `python3 - <<'E'\n${vanishing}\nE`)).trim().split('\n').map(Number);
  expect(waits).toHaveLength(3);
  // Sent again every 0.2 s: after 1.25 s at the latest. At ever longer intervals, as usual, it would be after 1.67 s.
  expect(Math.min(...waits)).toBeLessThan(1.5);
});

// What test/lab-long/rotated-secrets.test.ts does with every secret.
test.runIf(isQuickMachine())(
  'keys that seal tokens are rotated, and logins of each kind of server: nothing is refused meanwhile',
  async () => {
    const watched = await watchApis({
      ...publicSeat,
      password: await administratorPassword(),
      only: ['checked token', 'image list'],
      // Fifteen requests a second fill a slow machine, on which Nginx then gives up its way to the load balancers.
      intervalMilliseconds: { least: 1000 },
    });
    await sleep(5000);
    const logins = ['glance.database', 'glance.identity', 'rabbitmq.monitor'];
    await lab.must('secrets rotate', 'fernet', ...logins, '--anyway');
    await lab.must('deploy', '--yes');
    await sleep(5000);
    const { series } = await watched.finish();
    // Late answers come of two cores on which a deploy runs beside the cloud; a key that is missing is a refusal. The long
    // suite takes late ones for failures too.
    const refusals = series.flatMap(({ failures }) =>
      Object.keys(failures).filter((why) => why !== 'timeout'),
    );
    expect(refusals).toEqual([]);
    for (const { name, attempts, failed } of series) expect(attempts - failed, name).toBeGreaterThan(30);
    // What they were before is gone.
    const client = await asAdministrator(lab, 'ctl01');
    expect(await lab.on('ctl02', accountsOfGlance)).toBe('1');
    expect(await lab.on('ctl02', 'rabbitmqctl -q list_users --no-table-headers | cut -f1 | sort')).toBe(
      'mcp_drill\nmcp_monitor_2\nopenstack',
    );
    expect((await client('user list -f value -c Name')).split('\n').toSorted()).toEqual(
      expect.arrayContaining(['glance_2', 'nova']),
    );
    expect(await client('user list -f value -c Name')).not.toMatch(/^glance$/m);
  },
);

/** How many passwords open it. */
const accountsOfGlance = `mariadb -N -B -e "SELECT JSON_LENGTH(JSON_EXTRACT(Priv, '\\$**.authentication_string')) FROM mysql.global_priv WHERE User = 'glance'"`;

test('who signed in to Horizon stays signed in when the proxy and each memcached is lost', async () => {
  await using browser = await openBrowser(publicSeat);
  await browser.signIn('admin', await administratorPassword());
  for (const [path, text] of Object.entries(pages)) {
    await browser.open(path, text);
    await browser.screenshot(join(root, `.lab/screenshots/${text}.png`));
  }

  const [holder = ''] = await holdersOf(lab, ['prx01', 'prx02'], publicSeat.address);
  await lab.must('lab power-off', holder);
  await sleep(2000);
  for (const [path, text] of Object.entries(pages)) await browser.open(path, text);
  await browser.screenshot(join(root, '.lab/screenshots/other-proxy.png'));
  await lab.must('lab power-on', holder);
  await awaitHealthy(lab, 180);

  const delays = await delaysWithoutCaches(lab, browser);
  // 1.5 s with the cores to itself (the long suite holds it to that). A client that waits for a dead cache takes its
  // timeouts longer: 5 s and more.
  expect(Math.max(...Object.values(delays)), JSON.stringify(delays)).toBeLessThan(3000);
  await awaitHealthy(lab, 120);
});

/** Seconds until a peer answers that hears nothing for the first one; on a host's own port, so that no service is hurt. */
const vanishing = `import socket, subprocess, threading, time
here = ("127.0.0.9", 9999)
server = socket.create_server(here)
def nft(words): subprocess.run(["nft", words], check=True)
for _ in range(3):
    client = socket.create_connection(here)
    peer, _ = server.accept()
    for _ in range(5):
        client.sendall(b"x"); peer.sendall(peer.recv(1)); client.recv(1)
    nft("add table ip seen_gone; add chain ip seen_gone input { type filter hook input priority 0; }; add rule ip seen_gone input tcp dport 9999 drop")
    began = time.monotonic()
    back = threading.Timer(1.0, nft, ["delete table ip seen_gone"])
    back.start()
    client.sendall(b"x"); peer.recv(1)
    print(time.monotonic() - began)
    back.join(); client.close(); peer.close()`;
