import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initCertificates, initSecrets } from '../../src/inventory/index.ts';
import { McpError } from '../../src/model/failure.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { changed, fiveHosts, withSettings } from './five-hosts.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-material-'));
  file = join(folder, 'cloud.yaml');
  await writeFile(file, fiveHosts);
});
afterEach(() => rm(folder, { recursive: true }));

const inFolder = (path: string): string => join(folder, path);

async function makeAll(): Promise<void> {
  const { topology, loaded } = await loadTopology(file, { needs: 'topology' });
  await initSecrets(loaded.secretsFile, loaded.secretSpecs, []);
  await initCertificates({
    directory: loaded.certificatesDirectory,
    cloud: topology.cloud,
    owners: loaded.certificateOwners,
    renew: 'none',
    now: Date.now(),
    recipients: [],
  });
}

/** What refuses the inventory, as `validate` and as `render` load it. */
async function refusals(): Promise<{
  readonly validate: readonly string[];
  readonly render: readonly string[];
}> {
  return { validate: await errorsWith('what-is-there'), render: await errorsWith('everything') };
}

async function errorsWith(needs: 'what-is-there' | 'everything'): Promise<readonly string[]> {
  try {
    await loadTopology(file, { needs });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof McpError)) throw thrown;
    const { diagnostics = [] } = thrown.details;
    return diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  }
}

const setSecret = async (name: string, value: string): Promise<void> => {
  const path = inFolder('cloud.secrets.yaml');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(new RegExp(`^${name}: .*$`, 'm'), `${name}: ${value}`));
};

test('what was made fits, and what has not been made yet keeps nobody from validating', async () => {
  const { validate, render } = await refusals();
  expect(validate).toEqual([]);
  expect(render.length).toBeGreaterThan(0);
  await makeAll();
  expect(await refusals()).toEqual({ validate: [], render: [] });
});

const misfits = [
  ['keystone.fernetPrimary', "'hello'", 'a Fernet key'],
  ['rabbitmq.cookie', "'x'", 'a cookie'],
  ['rabbitmq.cookie', 'ABCDEFGHIJKLMNOPQRST', 'a cookie'],
  ['nova.database', '~', 'a password'],
  ['horizon.secretKey', "'0123456789abcdefg'", 'a key of 64 hexadecimal digits'],
] as const;

test.each(misfits)('%s is held against what it is for, and never shown', async (name, value, wanted) => {
  await makeAll();
  await setSecret(name, value);
  const { validate, render } = await refusals();
  expect(validate).toEqual([expect.stringContaining(`the value of ${name} must be ${wanted}`)]);
  expect(render).toEqual(validate);
  expect(validate.join()).not.toContain('hello');
});

test('a password that is short is no reason to stop: it may be in force, and is rotated with all else in order', async () => {
  await makeAll();
  await setSecret('nova.database', "'old4us'");
  expect(await refusals()).toEqual({ validate: [], render: [] });
  const { warnings } = await loadTopology(file, {});
  expect(warnings).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('nova.database'),
      hint: expect.stringContaining('mcp secrets rotate nova.database'),
    }),
  ]);
  expect(JSON.stringify(warnings)).not.toContain('old4us');
});

test('what is there and wrong is refused by both', async () => {
  await makeAll();
  await chmod(inFolder('cloud.secrets.yaml'), 0o644);
  const open = await refusals();
  expect(open.validate).toEqual([expect.stringContaining('can be read by others')]);
  expect(open.render).toEqual(open.validate);
  await chmod(inFolder('cloud.secrets.yaml'), 0o600);

  const key = inFolder('cloud.certs/vip-public.key');
  await writeFile(key, await readFile(inFolder('cloud.certs/vip-control.key')));
  const foreign = await refusals();
  expect(foreign.validate).toEqual([expect.stringContaining('vip-public')]);
  expect(foreign.render).toEqual(foreign.validate);
});

test('a certificate that is still to be made does not hide one that is wrong', async () => {
  await makeAll();
  await rm(inFolder('cloud.certs/vip-control.crt'));
  await rm(inFolder('cloud.certs/vip-control.key'));
  await writeFile(inFolder('cloud.certs/vip-public.crt'), 'garbage\n');
  const { validate, render } = await refusals();
  expect(validate).toEqual([expect.stringContaining('vip-public')]);
  expect(render).toHaveLength(2);
});

test('so are those of hosts that speak TLS themselves', async () => {
  await writeFile(file, withSettings('galera: { tls: true }'));
  expect((await refusals()).validate).toEqual([]);
  await makeAll();
  expect(await refusals()).toEqual({ validate: [], render: [] });

  await rm(inFolder('cloud.certs/host-ctl01.crt'));
  await rm(inFolder('cloud.certs/host-ctl01.key'));
  const absent = await refusals();
  expect(absent.validate).toEqual([]);
  expect(absent.render).toEqual([expect.stringContaining('host-ctl01.crt does not exist yet')]);

  await rm(inFolder('cloud.certs/host-ctl02.key'));
  await writeFile(inFolder('cloud.certs/host-ctl03.crt'), 'garbage\n');
  expect((await refusals()).validate).toEqual([
    expect.stringContaining('host-ctl02.key does not exist yet'),
    expect.stringContaining('host-ctl03.crt is not a PEM certificate'),
  ]);
});

test('settings of another service that are wrong hide no certificate of a host that is', async () => {
  await writeFile(file, withSettings('galera: { tls: true }'));
  await makeAll();
  await writeFile(inFolder('cloud.certs/host-ctl03.crt'), 'garbage\n');
  await writeFile(file, withSettings('galera: { tls: true }\n  nginx: { workerConnections: 1 }'));
  expect((await refusals()).validate).toEqual([
    expect.stringContaining('host-ctl03.crt'),
    expect.stringContaining('must be at least 256'),
  ]);
});

test('a VIP whose name is wrong is not said to lack it in its certificate', async () => {
  await makeAll();
  await writeFile(file, changed(['hostname: cloud.five', 'hostname: Cloud.Five']));
  expect((await refusals()).validate).toEqual([expect.stringContaining('must be a host name')]);
});
