import { appendFile, chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { visitInNamespace } from './support/browser.ts';
import { copyingOf, holdersOfQueue } from './support/copies.ts';
import { freshLab } from './support/deployed.ts';
import { holdersOf, managedFiles, onEach, secretsOf, unitStarts } from './support/hosts.ts';
import { command, labOf, mcp, mustSucceed, root } from './support/mcp.ts';
import { publicSeat } from './support/seat.ts';
import { sampleProcesses, searchFolder, searchJournals, searchTexts } from './support/secret-search.ts';
import { override, variantOf } from './support/variant.ts';

const inventory = 'inventories/lab.yaml';
const lab = labOf(inventory);
const control = ['ctl01', 'ctl02', 'ctl03'];
const proxies = ['prx01', 'prx02'];
const hosts = [...control, ...proxies];
const vips = { control: '10.77.0.100', database: '10.77.0.101', public: '10.77.0.102' };

/** Left up for the files that come next, the last of which takes it down. */
beforeAll(async () => {
  await freshLab(inventory);
});

test('the machines pass the preflight checks', async () => {
  const { exitCode, output } = await lab.mcp('check');
  expect(output).not.toContain('✗');
  expect(exitCode).toBe(0);
});

test('the first deploy ends healthy, and then there is nothing left to do', async () => {
  expect((await lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(2);
  await lab.must('deploy', '--yes');
  const status = await lab.mcp('status');
  expect(status.output).toContain('lab is healthy');
  expect(status.exitCode).toBe(0);
  expect(await lab.mcp('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
});

test('a second deploy writes no file and restarts no unit', async () => {
  const before = [await unitStarts(lab, hosts), await managedFiles(lab, hosts)];
  // Two empty snapshots would be equal as well.
  expect(before[0]?.['ctl01']).toMatch(/^MainPID=[1-9]/m);
  expect(before[1]?.['prx01']).toContain('/etc/nginx/nginx.conf');
  await lab.must('deploy', '--yes');
  expect([await unitStarts(lab, hosts), await managedFiles(lab, hosts)]).toEqual(before);
});

test('a template that only explains better restarts nothing', async () => {
  const variant = await variantOf(inventory);
  for (const template of ['haproxy/haproxy-sql.cfg.hbs', 'galera/99-mcp.cnf.hbs', 'nginx/nginx.conf.hbs']) {
    const text = await readFile(join(root, 'templates', template), 'utf8');
    await override(variant, `all/templates/${template}`, `${text}\n# Explained better.\n`);
  }
  const before = await unitStarts(lab, hosts);
  await mustSucceed('deploy', '-i', variant.inventory, '--yes');
  expect(await lab.on('ctl02', 'tail -1 /etc/mysql/mariadb.conf.d/99-mcp.cnf')).toBe('# Explained better.');
  expect(await unitStarts(lab, hosts)).toEqual(before);
  await lab.must('deploy', '--yes');
  expect(await unitStarts(lab, hosts)).toEqual(before);
});

test('three Galera members are Synced in one Primary component', async () => {
  const status = `mariadb -N -B -e "SHOW STATUS WHERE Variable_name IN
    ('wsrep_cluster_status','wsrep_local_state_comment','wsrep_cluster_size')" | sort | awk '{ print $2 }' | paste -sd' '`;
  const states = await onEach(lab, control, status);
  expect(states).toEqual({ ctl01: '3 Primary Synced', ctl02: '3 Primary Synced', ctl03: '3 Primary Synced' });
});

test('writes through the database VIP all land on one member, and the others see them', async () => {
  const password = (await secretsOf('lab.secrets.yaml'))['galera.drill'];
  await lab.on(
    'ctl01',
    'mariadb -e "CREATE TABLE IF NOT EXISTS mcp_drill.seen (id INT PRIMARY KEY, member VARCHAR(64))"',
  );
  // The password reaches the client by a file, as nothing secret may stand in a process list.
  await lab.on('prx01', 'command -v mariadb >/dev/null || true');
  const client = `umask 077; printf '[client]\\nuser=mcp_drill\\npassword=%s\\n' '${password}' >/root/drill.cnf`;
  await lab.on('ctl03', client);
  const insert = `for i in $(seq 1 20); do
    mariadb --defaults-extra-file=/root/drill.cnf -h ${vips.database} -e "REPLACE INTO mcp_drill.seen VALUES ($i, @@hostname)"; done`;
  await lab.on('ctl03', `${insert}; rm /root/drill.cnf`);
  const members = await onEach(
    lab,
    control,
    'mariadb -N -B -e "SET wsrep_sync_wait=15; SELECT GROUP_CONCAT(DISTINCT member), COUNT(*) FROM mcp_drill.seen"',
  );
  expect(new Set(Object.values(members)).size).toBe(1);
  expect(members['ctl01']).toMatch(/^ctl0[123]\t20$/);
});

test('three RabbitMQ nodes copy a notification queue and no other', async () => {
  const running = await onEach(lab, control, 'rabbitmqctl -q cluster_status --formatter json');
  for (const reply of Object.values(running)) {
    expect(JSON.parse(reply).running_nodes.toSorted()).toEqual([
      'rabbit@ctl01',
      'rabbit@ctl02',
      'rabbit@ctl03',
    ]);
  }
  const { vhost, followers, asked } = await copyingOf(lab, 'ctl01');
  const notifications = { vhost, queue: 'notifications.test' };
  const calls = { vhost: 'openstack', queue: 'conductor_test' };
  const declare = (at: typeof calls, words: string) =>
    `rabbitmqctl -q eval 'rabbit_amqqueue:declare({resource, <<"${at.vhost}">>, queue, <<"${at.queue}">>}, true, false, ${words}, none, <<"test">>).' >/dev/null`;
  await lab.on('ctl01', `${declare(notifications, asked)}; ${declare(calls, '[]')}; sleep 2`);
  expect((await holdersOfQueue(lab, 'ctl02', notifications)).followers).toHaveLength(followers);
  expect((await holdersOfQueue(lab, 'ctl02', calls)).followers).toEqual([]);
  const seen = await onEach(
    lab,
    control,
    'rabbitmqctl -q -p openstack list_queues name | grep -c _test$; true',
  );
  expect(seen).toEqual({ ctl01: '1', ctl02: '1', ctl03: '1' });
  for (const at of [notifications, calls])
    await lab.on('ctl01', `rabbitmqctl -q -p ${at.vhost} delete_queue ${at.queue}`);
});

test('each VIP is on exactly one host, and two load balancers carry traffic at once', async () => {
  const held = await Promise.all(Object.values(vips).map((address) => holdersOf(lab, hosts, address)));
  expect(held.map(({ length }) => length)).toEqual([1, 1, 1]);
  const [controlHolder] = held[0] ?? [];
  const [databaseHolder] = held[1] ?? [];
  expect(controlHolder).not.toBe(databaseHolder);
  const sessions = (host: string | undefined, unit: string, listener: string) =>
    lab.on(
      host ?? '',
      `echo 'show stat' | socat - /run/${unit}/admin.sock | awk -F, '$1 == "${listener}" && $2 == "FRONTEND" { print $8 }'`,
    );
  const names = await lab.on(
    controlHolder ?? '',
    `echo 'show stat' | socat - /run/haproxy-api/admin.sock | cut -d, -f1,2`,
  );
  const listener = /^(rabbitmq.*),FRONTEND$/m.exec(names)?.[1] ?? '';
  const carried = async () => [
    Number(await sessions(controlHolder, 'haproxy-api', listener)),
    Number(await sessions(databaseHolder, 'haproxy-sql', 'galera')),
  ];
  const before = await carried();
  const connect = (vip: string, port: number) =>
    `timeout 5 bash -c 'exec 3<>/dev/tcp/${vip}/${port}; read -rn1 -t1 <&3'`;
  await lab.on(
    'prx01',
    `echo | timeout 5 openssl s_client -connect ${vips.control}:15672 >/dev/null 2>&1; ${connect(vips.database, 3306)}; true`,
  );
  const after = await carried();
  expect(after.map((count, index) => count > (before[index] ?? 0))).toEqual([true, true]);
});

test('a config edited by hand is shown as such and refused, until it is to be overwritten', async () => {
  await lab.on('ctl02', 'echo "# edited at night" >>/etc/memcached.conf');
  const plan = await lab.mcp('plan', '--diff');
  expect(plan.output).toContain('edited');
  expect(plan.output).toContain('-# edited at night');
  const refused = await lab.mcp('deploy', '--yes');
  expect(refused.exitCode).toBe(11);
  expect(refused.output).toContain('/etc/memcached.conf');
  await lab.must('deploy', '--yes', '--overwrite-drift');
  expect(await lab.mcp('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
});

test("what a service's checker refuses halts before any host is touched, with the checker's words", async () => {
  const variant = await variantOf(inventory);
  const template = 'haproxy/haproxy-sql.cfg.hbs';
  const text = await readFile(join(root, 'templates', template), 'utf8');
  await override(variant, `all/templates/${template}`, `${text}\n  blance roundrobin\n`);
  const before = [await unitStarts(lab, hosts), await managedFiles(lab, hosts)];
  const refused = await mcp('deploy', '-i', variant.inventory, '--yes');
  expect(refused.exitCode).toBe(3);
  expect(refused.output).toMatch(/unknown keyword 'blance'/);
  expect([await unitStarts(lab, hosts), await managedFiles(lab, hosts)]).toEqual(before);
});

test('a changed host key, a wrong key and an unreachable host end with 4 and one clear message each', async () => {
  const otherKeys = await variantOf(inventory);
  const known = join(otherKeys.directory, 'known_hosts');
  const pinned = await readFile(join(root, '.lab', 'known_hosts'), 'utf8');
  await writeFile(known, swapKeys(pinned, '10.77.0.11', '10.77.0.12'));
  await rewrite(otherKeys.inventory, join(root, '.lab', 'known_hosts'), known);
  const changed = await mcp('plan', '-i', otherKeys.inventory);
  expect(changed.exitCode).toBe(4);
  expect(changed.output).toMatch(/ctl01.*host key/i);

  const wrongKey = await variantOf(inventory);
  const identity = join(wrongKey.directory, 'id_other');
  await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identity]);
  await chmod(identity, 0o600);
  await rewrite(wrongKey.inventory, join(root, '.lab', 'id_ed25519'), identity);
  const refused = await mcp('plan', '-i', wrongKey.inventory);
  expect(refused.exitCode).toBe(4);
  expect(refused.output).toMatch(/ctl01.*(key|login)/i);

  const missing = await variantOf(inventory, (text) => text.replace('10.77.0.15 }', '10.77.0.25 }'));
  await appendFile(
    known,
    pinned
      .split('\n')
      .filter((line) => line.startsWith('10.77.0.15'))
      .map((line) => `${line.replace('10.77.0.15', '10.77.0.25')}\n`)
      .join(''),
  );
  const silent = await mcp('deploy', '-i', missing.inventory, '--yes');
  expect(silent.exitCode).toBe(4);
  expect(silent.output).toContain('prx02');
});

test("Horizon's sign-in page is there over verified HTTPS through the public VIP in a real browser", async () => {
  const page = await visitInNamespace({
    ...publicSeat,
    screenshot: join(root, '.lab/screenshots/sign-in.png'),
  });
  expect(page.inputs).toEqual(expect.arrayContaining(['username', 'password']));
  expect(page.stylesheets).toBeGreaterThan(0);
  expect(page.failed).toEqual([]);
});

test('no secret is in outputs, run folders, journals or process lists of a deploy', async () => {
  const secrets = await secretsOf('lab.secrets.yaml');
  await lab.on('ctl02', 'echo "# edited at night" >>/etc/mysql/mcp-probe.cnf');
  await lab.on('prx01', 'echo "# edited at night" >>/etc/openstack-dashboard/local_settings.d/_9999_mcp.py');
  const state = await mkdtemp(join(tmpdir(), 'mcp-state-'));
  const program = (...words: readonly string[]) =>
    command(`${root}bin/mcp`, words, { XDG_STATE_HOME: state });
  const sampling = sampleProcesses(secrets);
  const shown = await program('plan', '-i', inventory, '--diff');
  const asData = await program('plan', '-i', inventory, '--json');
  const deployed = await program('deploy', '-i', inventory, '--yes', '--json', '--overwrite-drift');
  const status = await program('status', '-i', inventory, '--json');
  const processes = await sampling.finish();
  expect(deployed.exitCode, deployed.output).toBe(0);
  const outputs = {
    shown: shown.output,
    asData: asData.output,
    deployed: deployed.output,
    status: status.output,
  };
  const said = searchTexts(secrets, outputs);
  const kept = await searchFolder(secrets, state);
  const journals = await searchJournals(secrets, lab, hosts);
  expect([said, kept, journals, processes].flatMap(({ leaks }) => leaks)).toEqual([]);
  // A search of nothing finds nothing.
  expect(shown.output).toContain('_9999_mcp.py');
  expect(kept.characters).toBeGreaterThan(1000);
  expect(journals.characters).toBeGreaterThan(10_000);
  expect(processes.places).toBeGreaterThan(20);
});

test('the search for secrets finds one that is planted in a journal and in a process list', async () => {
  const planted = { planted: `planted${Date.now()}` };
  const sampling = sampleProcesses(planted);
  await lab.on('ctl01', `logger ${planted.planted}; sh -c 'sleep 1' ${planted.planted}`);
  const processes = await sampling.finish();
  const journals = await searchJournals(planted, lab, ['ctl01']);
  expect(processes.leaks.length).toBeGreaterThan(0);
  expect(journals.leaks).toEqual([{ secret: 'planted', place: 'journal of ctl01' }]);
});

test('mistakes in the inventory end with 3 and say where', async () => {
  const mistakes: readonly [(text: string) => string, RegExp][] = [
    [(text) => text.replace('region:', 'regoin:'), /lab\.yaml:\d+:\d+ .*regoin.*did you mean region/],
    [(text) => text.replace('10.77.0.101', '10.78.0.101'), /lab\.yaml:\d+:\d+ .*10\.78\.0\.101/],
    [(text) => text.replace('10.77.0.101', '10.77.0.11'), /lab\.yaml:\d+:\d+ .*10\.77\.0\.11/],
  ];
  for (const [change, message] of mistakes) {
    const variant = await variantOf(inventory, change);
    const refused = await mcp('plan', '-i', variant.inventory);
    expect(refused.exitCode).toBe(3);
    expect(refused.output).toMatch(message);
  }
});

async function rewrite(file: string, from: string, to: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(from, to));
}

/** known_hosts in which two hosts have each other's keys: what a changed key looks like. */
const swapKeys = (text: string, one: string, other: string): string =>
  text
    .replaceAll(new RegExp(`^${one}(?= )`, 'gm'), 'first')
    .replaceAll(new RegExp(`^${other}(?= )`, 'gm'), one)
    .replaceAll(/^first(?= )/gm, other);
