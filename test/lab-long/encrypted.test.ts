import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { encryptedLabs } from '../lab/support/encryption.ts';
import { secretsOf } from '../lab/support/hosts.ts';
import { type LabOf, labOf, root } from '../lab/support/mcp.ts';
import { listen } from '../lab/support/outsider.ts';
import { publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, type SeenUnderLoad, underLoad } from '../lab/support/under-load.ts';

// SQL, Galera, AMQP and RabbitMQ's distribution are encrypted on a running cloud and plain again, by way of both at once.
const { plain, both, encrypted } = encryptedLabs('inventories/lab.yaml');
const databases = ['ctl01', 'ctl02', 'ctl03'];

/** One deploy of `to` while `clients` speak as their inventory has it; then all is well, and there is nothing left to do. */
async function switchedUnderLoad(what: string, to: LabOf, clients: LabOf): Promise<SeenUnderLoad> {
  const seen = await underLoad(clients, async () => {
    const { output } = await to.must('deploy', '--yes');
    console.log(output.split('\n').slice(-8).join('\n'));
  });
  await expectNothingFailed(what, seen, plain, databases);
  await awaitHealthy(to, 120);
  expect((await to.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  return seen;
}

/** Milliseconds: each of three turns restarts whatever trusts the authority, on two cores. */
const threeRolls = 3_000_000;

const ports = { sql: 3306, galera: 4567, amqp: 5672, amqps: 5671, distribution: 25_672 };
/** Of SQL and of write sets, of AMQP and of what is sent with it, of Erlang's messages. */
const words = /INSERT INTO|SELECT |mcp_drill|AMQP|notifications\.|oslo\.|rabbit@ctl0|basic\.publish/;

/** By port: segments that were heard on the lab's switch in some seconds of load, and those of them that can be read. */
async function heardOnSwitch(clients: LabOf) {
  const ear = await listen({ namespace: 'mcp-lab', card: 'br0', ports: Object.values(ports) });
  const seen = await underLoad(clients, () => sleep(20_000));
  const segments = await ear.finish();
  await expectNothingFailed('overheard', seen, plain, databases);
  const heard = Object.entries(ports).map(([name, port]) => {
    const own = segments.filter(({ from, to }) => [from, to].some((end) => end.endsWith(`:${port}`)));
    const readable = own.filter(({ payload }) => words.test(payload.toString('latin1')));
    return [name, { segments: own.length, readable: readable.length }] as const;
  });
  console.log(JSON.stringify(Object.fromEntries(heard)));
  return Object.fromEntries(heard);
}

test('who listens on the switch of a plain cloud reads SQL, write sets, AMQP and what the brokers tell each other', async () => {
  const heard = await heardOnSwitch(plain);
  for (const name of ['sql', 'galera', 'amqp', 'distribution'])
    expect(heard[name]?.readable, name).toBeGreaterThan(0);
});

test('what speaks plainly is not told in one step to speak nothing but TLS', async () => {
  const refused = await encrypted().mcp('deploy', '--yes');
  expect(refused.exitCode).toBe(11);
  expect(refused.output).toContain('optional');
  expect((await plain.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
});

test('TLS beside plain text, under load', async () => {
  await switchedUnderLoad('TLS beside plain text', both(), plain);
});

test('TLS alone, under load', async () => {
  await switchedUnderLoad('TLS alone', encrypted(), both());
  console.log((await encrypted().must('status')).output);
  expect(await letIn()).toEqual({ plain: false, encrypted: true });
  for (const host of databases) expect(await plain.on(host, "ss -tlnH 'sport = :5672'")).toBe('');
});

test('who listens on the switch of an encrypted cloud reads nothing', async () => {
  const heard = await heardOnSwitch(encrypted());
  for (const name of ['sql', 'galera', 'amqps', 'distribution']) {
    expect(heard[name]?.segments, name).toBeGreaterThan(10);
    expect(heard[name]?.readable, name).toBe(0);
  }
  expect(heard['amqp']?.segments).toBe(0);
});

test('it is not told in one step to speak plainly either', async () => {
  const refused = await plain.mcp('deploy', '--yes');
  expect(refused.exitCode).toBe(11);
  expect(refused.output).toContain('optional');
});

test('a blank machine gets its copy of the database encrypted, and no client notices', async () => {
  await plain.must('lab replace', 'ctl02');
  await encrypted().must('trust', '--replace', 'ctl02', '--yes');
  const ear = await listen({ namespace: 'mcp-lab', card: 'br0', ports: [4444, 4568] });
  await switchedUnderLoad('a blank member', encrypted(), encrypted());
  const segments = await ear.finish();
  const readable = segments.filter(({ payload }) =>
    /CREATE TABLE|nova_api|xtrabackup|ibdata/.test(payload.toString('latin1')),
  );
  console.log(`copy: ${segments.length} segments heard, ${readable.length} readable`);
  expect(segments.length).toBeGreaterThan(100);
  expect(readable).toHaveLength(0);
});

test('members that are killed come back as they do in plain text', async () => {
  for (const fault of ['galera-writer-killed', 'database-vip-power-cut', 'rabbitmq-node-stopped']) {
    const drill = await encrypted().mcp('failover-drill', fault);
    console.log(drill.output.split('\n').slice(-25).join('\n'));
    expect(drill.exitCode, drill.output).toBe(0);
  }
});

test(
  'the authority is replaced while everything inside trusts it, under load',
  async () => {
    const folder = await mkdtemp(join(root, '.lab', 'variants', 'kept-'));
    for (const turn of ['announced', 'signs', 'dropped']) {
      await cp(join(encrypted().inventory, '../lab.certs'), join(folder, turn), { recursive: true });
      await encrypted().must('certs rotate');
      const seen = await underLoad(
        // Clients that know the last turn alone.
        await withCertificates(encrypted(), join(folder, turn)),
        async () => {
          await encrypted().must('deploy', '--yes');
        },
        { ...publicSeat, authority: join(folder, turn, 'ca.crt') },
      );
      await expectNothingFailed(turn, seen, plain, databases);
      await awaitHealthy(encrypted(), 120);
    }
    for (const place of [join(root, 'inventories/lab.certs'), join(both().inventory, '../lab.certs')])
      await cp(join(encrypted().inventory, '../lab.certs'), place, { recursive: true });
  },
  threeRolls,
);

test('TLS beside plain text again, under load', async () => {
  await switchedUnderLoad('TLS beside plain text again', both(), encrypted());
});

test('plain text alone again, under load', async () => {
  await switchedUnderLoad('plain text alone', plain, plain);
  expect(await letIn()).toEqual({ plain: true, encrypted: false });
});

/** The same inventory with certificates of another folder. */
async function withCertificates({ inventory: file }: LabOf, certificates: string): Promise<LabOf> {
  const folder = await mkdtemp(join(root, '.lab', 'variants', 'c-'));
  await cp(join(file, '..'), folder, { recursive: true });
  await cp(certificates, join(folder, 'lab.certs'), { recursive: true });
  return labOf(join(folder, 'lab.yaml'));
}

/** How the database VIP lets a client in who asks for it plainly, and one who asks for TLS. */
async function letIn(): Promise<{ readonly plain: boolean; readonly encrypted: boolean }> {
  const password = (await secretsOf('lab.secrets.yaml'))['galera.drill'] ?? '';
  return JSON.parse(await plain.on('ctl01', `python3 - <<'E'\n${asksBothWays(JSON.stringify(password))}\nE`));
}

/** PyMySQL goes on plainly where a server has no TLS, so the server is asked what it came to. */
const asksBothWays = (password: string): string => `
import json, pymysql

def cipher(**tls):
    try:
        with pymysql.connect(host="10.77.0.101", user="mcp_drill", password=${password}, connect_timeout=20, **tls) as it:
            with it.cursor() as cursor:
                cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
                return cursor.fetchone()[1]
    except pymysql.err.Error:
        return None

print(json.dumps({"plain": cipher() == "", "encrypted": bool(cipher(ssl={"check_hostname": False}))}))`;
