import { copyFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deployedLab, leaveLab } from '../lab/support/deployed.ts';
import { batchBegins, killedAndTakenUp } from '../lab/support/killed-deploy.ts';
import { type LabOf, labOf, root } from '../lab/support/mcp.ts';
import { asAdministrator } from '../lab/support/openstack-client.ts';
import { publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';
import { type Variant, variantOf } from '../lab/support/variant.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(() => leaveLab(lab));

type Kept = Readonly<Record<string, string>>;

const secretsIn = async ({ directory }: Variant): Promise<Kept> =>
  parse(await readFile(join(directory, 'lab.secrets.yaml'), 'utf8'));

/** Whoever may log in with what, as it is in a secrets file. */
interface Login {
  readonly kind: 'sql' | 'amqp' | 'keystone';
  readonly secret: string;
  readonly user: string;
  readonly password: string;
}

const users: Readonly<Record<string, readonly [kind: Login['kind'], user: string]>> = {
  ...Object.fromEntries(
    ['keystone', 'glance', 'placement', 'nova', 'neutron', 'horizon'].map((name) => [
      `${name}.database`,
      ['sql', name] as const,
    ]),
  ),
  'galera.probe': ['sql', 'mcp_probe'],
  'galera.drill': ['sql', 'mcp_drill'],
  ...Object.fromEntries(
    ['glance', 'placement', 'nova', 'neutron'].map((name) => [
      `${name}.identity`,
      ['keystone', name] as const,
    ]),
  ),
  'keystone.admin': ['keystone', 'admin'],
  'rabbitmq.openstack': ['amqp', 'openstack'],
  'rabbitmq.monitor': ['amqp', 'mcp_monitor'],
  'rabbitmq.drill': ['amqp', 'mcp_drill'],
};

const loginsIn = (secrets: Kept, names: readonly string[]): readonly Login[] =>
  names.flatMap((secret) => {
    const [kind, user] = users[secret] ?? [];
    if (kind === undefined || user === undefined) return [];
    const name = secrets[`${secret}.turn`] === 'second' ? `${user}_2` : user;
    return [{ kind, secret, user: name, password: secrets[secret] ?? '' }];
  });

/** Which of these logins are let in, tried from a host of the cloud where their servers are. */
async function letIn(logins: readonly Login[]): Promise<readonly string[]> {
  const said = await lab.on('ctl01', `python3 - <<'E'\n${tries(JSON.stringify(logins))}\nE`);
  return JSON.parse(said);
}

const tries = (logins: string): string => `
import base64, json, urllib.request, urllib.error
import pymysql

def answers(url, body=None, headers={}):
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
        return urllib.request.urlopen(request, timeout=20).status in (200, 201)
    except urllib.error.HTTPError as refused:
        # A user without the tag for management is known all the same.
        return b"Not management user" in refused.read()

def opens(login):
    user, password = login["user"], login["password"]
    if login["kind"] == "sql":
        try:
            pymysql.connect(host="10.77.0.101", user=user, password=password, connect_timeout=20).close()
            return True
        except pymysql.err.OperationalError as refused:
            if refused.args[0] != 1045:
                raise
            return False
    if login["kind"] == "amqp":
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        return answers("http://10.77.0.11:15672/api/whoami", headers={"Authorization": f"Basic {basic}"})
    who = {"name": user, "domain": {"id": "default"}, "password": password}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": who}}}}
    return answers("https://internal.cloud.lab:5000/v3/auth/tokens", json.dumps(body).encode())

print(json.dumps([login["secret"] for login in json.loads('''${logins}''') if opens(login)]))`;

/** How many of Keystone's credentials a key opens. */
async function credentialsOpenedBy(key: string | undefined, secrets: Kept): Promise<number> {
  const [login] = loginsIn(secrets, ['keystone.database']);
  const said = await lab.on('ctl01', `python3 - <<'E'\n${opening(JSON.stringify({ key, login }))}\nE`);
  return Number(said);
}

const opening = (asked: string): string => `
import json
import pymysql
from cryptography.fernet import Fernet, InvalidToken

asked = json.loads('''${asked}''')
user, password = asked["login"]["user"], asked["login"]["password"]
cursor = pymysql.connect(host="10.77.0.101", user=user, password=password, database="keystone").cursor()
cursor.execute("SELECT encrypted_blob FROM credential")

def opens(blob):
    try:
        Fernet(asked["key"]).decrypt(blob.encode())
        return True
    except InvalidToken:
        return False

print(sum(opens(blob) for (blob,) in cursor.fetchall()))`;

/** The lab keeps the keys that encrypt its credentials now; everything else is as it was. */
async function keepKeys(variant: Variant, file: string): Promise<void> {
  const now = await secretsIn(variant);
  const text = await readFile(join(root, file), 'utf8');
  const kept = text.replace(
    /^(keystone\.credential\w+): .*$/gm,
    (_line, name: string) => `${name}: '${now[name] ?? ''}'`,
  );
  await writeFile(join(root, file), kept, { mode: 0o600 });
}

/** Clients of the load use these themselves, and whoever uses the administrator's has to be told. */
const ofClients = ['galera.drill', 'rabbitmq.drill', 'keystone.admin'];
const ofServices = Object.keys(users).filter((name) => !ofClients.includes(name));
const keys = ['fernet', 'credential'];
const others = ['horizon.secretKey', 'nova.metadata', 'rabbitmq.cookie'];

test('every secret of services is rotated under load: no request fails, and what it was before opens nothing', async () => {
  const variant = await variantOf(inventory);
  const next = labOf(variant.inventory);
  const was = await secretsIn(variant);
  const client = await asAdministrator(lab, 'ctl01');
  const credential = await client('credential create --type cert admin kept -f value -c id');
  // In the same deploy as everything else, and once more by themselves: only then do the oldest that were in use go.
  await next.must('secrets rotate', ...ofServices, ...others, ...keys);
  const is = await secretsIn(variant);
  const seen = await underLoad(lab, async () => {
    const { output } = await next.must('deploy', '--yes');
    console.log(output.split('\n').slice(-12).join('\n'));
  });
  await expectNothingFailed('rotated', seen, lab, databases);
  expect(await letIn(loginsIn(was, ofServices))).toEqual([]);
  expect(await letIn(loginsIn(is, ofServices))).toEqual(ofServices);
  await awaitHealthy(next, 120);
  expect((await next.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  const again = await underLoad(lab, async () => {
    await next.must('secrets rotate', ...keys, '--anyway');
    await next.must('deploy', '--yes');
  });
  await expectNothingFailed('keys once more', again, lab, databases);
  expect(await client(`credential show ${credential.trim()} -f value -c blob`)).toContain('kept');
  const last = await secretsIn(variant);
  expect(await credentialsOpenedBy(was['keystone.credentialPrimary'], last)).toBe(0);
  expect(await credentialsOpenedBy(last['keystone.credentialPrimary'], last)).toBeGreaterThan(0);

  // What clients have they are told of beforehand; until they are, the former goes on beside the new one.
  await next.must('secrets rotate', ...ofClients);
  await next.must('deploy', '--yes', '--keep-former');
  const told = await secretsIn(variant);
  expect(await letIn(loginsIn(is, ['galera.drill', 'rabbitmq.drill']))).toHaveLength(2);
  expect(await letIn(loginsIn(told, ofClients))).toEqual(ofClients);
  await next.must('deploy', '--yes');
  expect(await letIn(loginsIn(is, ofClients))).toEqual([]);
  expect(await letIn(loginsIn(told, ofClients))).toEqual(ofClients);

  // And back, by a secrets file that somebody replaced by hand. Its keys would open no credential any more.
  const refused = await lab.mcp('deploy', '--yes');
  expect(refused.exitCode).toBe(3);
  expect(refused.output).toContain('the keys of credentials');
  await keepKeys(variant, 'inventories/lab.secrets.yaml');
  await lab.must('deploy', '--yes');
  expect(await letIn(loginsIn(told, Object.keys(users)))).toEqual([]);
  expect(await letIn(loginsIn(was, Object.keys(users)))).toEqual(Object.keys(users));
});

test('killed in the middle of a rotation, the next deploy takes it up: no request fails in either', async () => {
  const variant = await variantOf(inventory);
  const next = labOf(variant.inventory);
  const was = await secretsIn(variant);
  await next.must('secrets rotate', ...ofServices);
  const seen = await underLoad(lab, async () => {
    // Some processes have the new logins, and some the former.
    await killedAndTakenUp(next, { fits: batchBegins('Glance on '), withinMilliseconds: 0 });
  });
  await expectNothingFailed('killed in the middle of it', seen, lab, databases);
  expect(await letIn(loginsIn(was, ofServices))).toEqual([]);
  expect(await letIn(loginsIn(await secretsIn(variant), ofServices))).toEqual(ofServices);
  await lab.must('deploy', '--yes');
  await awaitHealthy(lab, 120);
});

test.each(keys)(
  'killed in the middle of a rotation of %s, the next deploy takes it up: no request fails in either',
  async (name) => {
    const variant = await variantOf(inventory);
    const next = labOf(variant.inventory);
    await next.must('secrets rotate', name, '--anyway');
    const seen = await underLoad(lab, () => killedAndTakenUp(next, early));
    await expectNothingFailed(`${name}, killed`, seen, lab, databases);
    await awaitHealthy(next, 120);
    expect((await next.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
    // The lab keeps them: tokens and credentials of now are of these.
    await copyFile(join(variant.directory, 'lab.secrets.yaml'), join(root, 'inventories/lab.secrets.yaml'));
  },
);

/** Once a host has begun to change, and at most a second later. */
const early = { fits: (line: string) => line.includes('"type":"step-started"'), withinMilliseconds: 1000 };

test('the authority is replaced under load, each turn killed in its middle: who trusts what the last turn has brought is served in each', async () => {
  const variant = await variantOf(inventory);
  const next = labOf(variant.inventory);
  const bundle = join(variant.directory, 'lab.certs/ca.crt');
  for (const [turn, words] of Object.entries({
    announced: 'stands beside the former',
    signs: 'has signed all certificates',
    dropped: 'the former authority is gone',
  })) {
    // A client of its own keeps what it was given.
    const trusted = join(variant.directory, `trusted-before-${turn}.crt`);
    await copyFile(bundle, trusted);
    expect((await next.must('certs rotate')).output).toContain(words);
    expect((await next.mcp('certs rotate')).exitCode).not.toBe(0);
    const seen = await underLoad(lab, () => killedAndTakenUp(next, early), {
      ...publicSeat,
      authority: trusted,
    });
    await expectNothingFailed(turn, seen, lab, databases);
    await awaitHealthy(next, 120);
  }
  // The lab keeps it: there is no way back to one that nobody trusts any more.
  await cp(join(variant.directory, 'lab.certs'), join(root, 'inventories/lab.certs'), { recursive: true });
  expect((await lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
});
