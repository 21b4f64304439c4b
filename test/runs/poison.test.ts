import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { generateIdentity } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployer } from '../../src/cli/deployer.ts';
import { openCloud } from '../../src/cli/open-cloud.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { Service } from '../../src/model/service.ts';
import { createOutput } from '../../src/report/index.ts';
import { services } from '../../src/services/index.ts';
import { describeCloud, sessionOver } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { repositoryOf } from '../../src/workflows/repository.ts';
import { sampleProcesses, searchFolder, searchTexts, type Wanted } from '../lab/support/secret-search.ts';
import { declaredBy, searchHost } from '../support/poison.ts';
import { type RootedHosts, rootedHosts } from '../support/rooted-hosts.ts';
import { shippedInventory } from '../support/shipped-inventory.ts';

/**
 * Every secret of an inventory is poison: whole runs over all files of all services, with real shells, owners and modes,
 * and then a search of all that was said, kept and shown. What hosts make of the files (databases, queues) is left out
 * here; the lab has that.
 */
let root = '';
let inventory = '';
let hosts: RootedHosts;
/** Everything that was ever a secret, by name and generation. */
const poison: Record<string, string> = {};
const described: DesiredState[] = [];
const said: Record<string, string> = {};
const kept: Record<string, string | undefined> = {};

/** Its files, packages and units, and a checker that shows all that it reads; who asks no daemon is well. */
const plain = (service: Service): Service => ({
  ...{ name: service.name, title: service.title, roles: service.roles, after: service.after },
  ...{ settings: service.settings, rolling: { first: 'together', later: 'together' }, quorum: 'none' },
  ...(service.secrets === undefined ? {} : { secrets: service.secrets }),
  ...(service.rotations === undefined ? {} : { rotations: service.rotations }),
  gateSeconds: 5,
  sockets: service.sockets,
  resources: service.resources,
  checks: () => [],
});

function plainly({ hosts: all }: DesiredState): DesiredState {
  const desired = {
    hosts: new Map(
      [...all].map(([host, { services: own }]) => [
        host,
        {
          host,
          services: own.map(({ service, resources, data }) => ({
            ...{ service, data, probes: [] },
            resources: resources.filter(isPlayed).map(withoutPrograms),
            validators: [
              {
                name: `${service} --check`,
                program: 'cat',
                files: resources.flatMap((each) => (each.kind === 'file' ? [each.path] : [])),
                script: '[ ! -e "$LAB/refused" ] || { find "$TREE" -type f -exec cat {} +; exit 1; }',
              },
            ],
          })),
        },
      ]),
    ),
  };
  return desired;
}

/** Programs lie where this machine keeps its own; they hold no secret, and nothing here runs them. */
const isProgram = (path: string): boolean => path.startsWith('/usr/lib/');

const isPlayed = (each: Resource): boolean =>
  each.kind !== 'task' && !('path' in each && isProgram(each.path));

function withoutPrograms(each: Resource): Resource {
  if (each.kind !== 'unit') return each;
  const left = (paths: readonly string[]) => paths.filter((path) => !isProgram(path));
  return { ...each, restartOn: left(each.restartOn), reloadOn: left(each.reloadOn) };
}

async function open(file: string) {
  const { topology, loaded } = await loadTopology(file);
  const cloud = await describeCloud(topology);
  return {
    topology,
    loaded,
    cloud: { ...cloud, services: services.map(plain), checks: [], desired: plainly(cloud.desired) },
  };
}

/** Notes what is secret now. */
async function note(generation: string): Promise<void> {
  const { topology, cloud } = await open(inventory);
  for (const [name, secret] of topology.secrets) poison[`${name} ${generation}`] = secret.reveal();
  for (const [vip, { key }] of Object.entries(topology.certificates.vips))
    poison[`${vip}.key ${generation}`] = key.reveal();
  described.push(cloud.desired);
}

let turns = 0;

async function mcp(...words: readonly string[]): Promise<number> {
  turns += 1;
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const heard = Object.entries(streams).map(([name, stream]) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => {
      said[`${turns} mcp ${words.join(' ')}: ${name}`] = Buffer.concat(chunks).toString();
    };
  });
  const { stdout, stderr } = streams as unknown as Pick<NodeJS.Process, 'stdout' | 'stderr'>;
  const output = createOutput({ stdin: process.stdin, stdout, stderr, environment: { CI: 'true' } });
  const deployer: Deployer = {
    async withCloud(file, work) {
      const { cloud } = await open(file);
      await using session = sessionOver(
        cloud,
        { ...hosts.fleet(), admit: () => undefined },
        repositoryOf(dirname(file)),
      );
      const opened = openCloud(session, output);
      output.hide(opened.secrets);
      return await work(opened);
    },
    render: () => Promise.reject(new Error('not asked for here')),
  };
  process.exitCode = undefined;
  const exitCode = await runProgram(['node', 'mcp', ...words], output, deployer);
  process.exitCode = undefined;
  for (const keep of heard) keep();
  return exitCode;
}

const programs = {
  'dpkg-query': '#!/bin/sh\nshift 3\nfor name; do echo "$name installed 1.0"; done\n',
  journalctl: '#!/bin/sh\n[ ! -e "$LAB/broken" ] || cat /etc/keystone/keystone.conf /etc/mcp/*.json\n',
};

const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  if (!isRoot) return;
  root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mcp-poison-'));
  inventory = await shippedInventory(join(root, 'cloud'), 'three.yaml');
  await mkdir(join(root, 'state'));
  await mkdir(join(root, 'reports'));
  const identity = await generateIdentity();
  poison['age identity'] = identity;
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  await mkdir(join(root, 'here'));
  await writeFile(join(root, 'here/git'), `#!/bin/sh\nenv >>'${root}/git-environment'\nexec ${git} "$@"\n`);
  await chmod(join(root, 'here/git'), 0o755);
  for (const [name, value] of Object.entries({
    XDG_STATE_HOME: join(root, 'state'),
    MCP_AGE_KEY: identity,
    PATH: `${join(root, 'here')}:${process.env['PATH']}`,
  })) {
    kept[name] = process.env[name];
    process.env[name] = value;
  }
  const { cloud, topology } = await open(inventory);
  const broken = `#!/bin/sh\ncase $1 in restart|reload) [ ! -e "$LAB/broken" ] || { cat /etc/keystone/keystone.conf >&2; exit 1; } ;; esac\n`;
  const { hostPrograms } = await import('../crash/host-programs.ts');
  hosts = rootedHosts(root, {
    desired: cloud.desired,
    releases: new Map(topology.hosts.map(({ name, platform }) => [name, platform.release])),
    programs: { ...programs, systemctl: `${broken}${hostPrograms['systemctl']?.replace('#!/bin/sh\n', '')}` },
  });
});

afterAll(() => {
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  if (root !== '') rmSync(root, { recursive: true, force: true });
});

/** Everything that is searched; `wanted` is looked for. */
async function search(wanted: Wanted) {
  const declared = declaredBy(described);
  const names = [...(described[0]?.hosts.keys() ?? [])];
  const places = {
    'what was said': searchTexts(wanted, said),
    'what git was given': searchTexts(wanted, { environment: readIfThere(join(root, 'git-environment')) }),
    'run folders of the controller': await searchFolder(wanted, join(root, 'state')),
    'reports and plans': await searchFolder(wanted, join(root, 'reports')),
    ...Object.fromEntries(
      names.map((host) => [host, searchHost(wanted, { host, folder: join(root, host), declared })]),
    ),
  };
  return places;
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const leaksOf = (places: Awaited<ReturnType<typeof search>>) =>
  Object.entries(places).flatMap(([, { leaks }]) => leaks.map(({ secret, place }) => `${secret}: ${place}`));

const report = (name: string) => join(root, 'reports', name);

test.skipIf(!isRoot)(
  'no secret is anywhere but in the files that are meant to hold it',
  { timeout: 1_800_000 },
  async () => {
    await note('first');
    const sampling = sampleProcesses(poison, {
      everyMilliseconds: 20,
      below: process.pid,
    });
    const on = ['-i', inventory];
    const codes: Record<string, number> = {};
    const run = async (name: string, ...words: readonly string[]) => {
      codes[name] = await mcp(...words);
    };
    await run('plan', 'plan', ...on);
    await run(
      'first diff',
      'plan',
      '--diff',
      ...on,
      '--out',
      report('first.plan'),
      '--markdown',
      report('plan.md'),
    );
    await run('plan as json', 'plan', '--json', ...on);
    await run('plan file', 'show', report('first.plan'));
    await run(
      'deploy',
      'deploy',
      report('first.plan'),
      ...on,
      '--yes',
      '--junit',
      report('one.xml'),
      '--markdown',
      report('one.md'),
    );
    await run('rotate', 'secrets', 'rotate', 'fernet', ...on);
    await run('encrypt', 'secrets', 'encrypt', ...on);
    await note('rotated');
    await run('diff after rotation', 'plan', '--diff', ...on);
    await run(
      'deploy as json',
      'deploy',
      '--json',
      '--yes',
      ...on,
      '--junit',
      report('two.xml'),
      '--markdown',
      report('two.md'),
    );
    await replaceAll();
    await note('replaced');
    await run('diff of all', 'plan', '--diff', ...on, '--out', report('all.plan'));
    writeFileSync(join(root, 'refused'), '');
    await run(
      'refused',
      'deploy',
      '--yes',
      ...on,
      '--junit',
      report('refused.xml'),
      '--markdown',
      report('refused.md'),
    );
    await run('refused as json', 'deploy', '--json', '--yes', '--verbose', ...on);
    rmSync(join(root, 'refused'));
    writeFileSync(join(root, 'broken'), '');
    await run(
      'halted',
      'deploy',
      '--yes',
      ...on,
      '--junit',
      report('halted.xml'),
      '--markdown',
      report('halted.md'),
    );
    await run('halted as json', 'deploy', '--json', '--yes', '--verbose', ...on);
    rmSync(join(root, 'broken'));
    await run('deploy of all', 'deploy', '--yes', '--verbose', ...on);
    await run('history', 'history', ...on);
    await run('history as json', 'history', '--json', ...on);
    await run('show a run', 'show', runsNamed().at(-1) ?? '', ...on);
    await run(
      'rollback',
      'rollback',
      runsNamed().at(-1) ?? '',
      '--yes',
      ...on,
      '--junit',
      report('back.xml'),
      '--markdown',
      report('back.md'),
    );
    await run('status', 'status', ...on);
    await run('status as json', 'status', '--json', ...on);
    const sampled = await sampling.finish();
    expect(codes).toEqual({
      ...{ plan: 0, 'first diff': 0, 'plan as json': 0, 'plan file': 0, deploy: 0, rotate: 0, encrypt: 0 },
      ...{
        'diff after rotation': 0,
        'deploy as json': 0,
        'diff of all': 0,
        refused: 3,
        'refused as json': 3,
      },
      ...{
        halted: 6,
        'halted as json': 6,
        'deploy of all': 0,
        history: 0,
        'history as json': 0,
        'show a run': 0,
      },
      ...{ rollback: 0, status: 8, 'status as json': 8 },
    });
    expect(sampled.leaks).toEqual([]);
    const places = await search(poison);
    expect(leaksOf(places)).toEqual([]);
    expect(Object.values(places).filter(({ characters }) => characters < 1000)).toEqual([]);
    expect(sampled.places).toBeGreaterThan(100);
  },
);

/** Runs that `history` has told of, the newest last. */
const runsNamed = (): readonly string[] =>
  [
    ...new Set(
      Object.values(said)
        .join('\n')
        .match(/\b\d{8}T\d{6}Z-[0-9a-f]{6}\b/g) ?? [],
    ),
  ].sort();

/** Every secret and certificate is made anew. */
async function replaceAll(): Promise<void> {
  const { loaded } = await open(inventory);
  rmSync(loaded.secretsFile);
  await mcp('secrets', 'init', '-i', inventory);
  await mcp('certs', 'renew', '-i', inventory);
}

const planted = 'Zq7planted0secret~1Xy';

const forms: readonly (readonly [string, string])[] = [
  ['as it is', planted],
  ['in base64, after other bytes', Buffer.from(`user:${planted}:more`).toString('base64')],
  ['in hex', Buffer.from(planted).toString('hex')],
  ['in a URL', encodeURIComponent(`${planted}`)],
  ['backwards', [...planted].reverse().join('')],
];

test.skipIf(!isRoot).each(forms)(
  'a secret that is planted %s is found in every kind of place',
  async (_how, form) => {
    const everywhere = [
      join(root, 'git-environment'),
      join(root, 'state/planted'),
      join(root, 'reports/planted.plan'),
      hosts.at('node01', 'var/log/planted'),
      hosts.at('node02', 'etc/keystone/planted.conf'),
      hosts.at('node02', 'var/lib/mcp/runs/planted/journal'),
      hosts.at('node03', 'var/lib/mcp/asked'),
      // It is meant to hold secrets, and not this one.
      hosts.at('node03', 'etc/keystone/keystone.conf'),
    ];
    for (const file of everywhere) {
      await mkdir(dirname(file), { recursive: true });
      await appendFile(file, `x${form}x\n`);
    }
    said['planted'] = `password=${form}`;
    const places = await search({ planted });
    expect(leaksOf(places)).toHaveLength(everywhere.length + 1);
    expect(Object.values(places).every(({ leaks }) => leaks.length > 0)).toBe(true);
    for (const file of everywhere) writeFileSync(file, '');
    delete said['planted'];
  },
);

test.skipIf(!isRoot)(
  'a file that may hold a secret is a leak once others can read it, or where its copy lies open',
  async () => {
    const [secret] = Object.entries(poison).filter(([name]) => name === 'nova.database replaced');
    if (secret === undefined) throw new Error('nova has no password');
    const wanted = Object.fromEntries([secret]);
    const file = hosts.at('node01', 'etc/nova/nova.conf');
    writeFileSync(file, `connection = ${secret[1]}\n`);
    await chmod(file, 0o640);
    expect(leaksOf(await search(wanted))).toEqual([]);
    await chmod(file, 0o644);
    expect(leaksOf(await search(wanted))).toEqual([`${secret[0]}: node01:/etc/nova/nova.conf`]);
    await chmod(file, 0o640);
    // Folders of runs are below one that is shut.
    await chmod(hosts.at('node01', 'var/lib/mcp'), 0o755);
    const copy = hosts.at('node01', 'var/lib/mcp/open/etc/nova/nova.conf');
    await mkdir(dirname(copy), { recursive: true });
    writeFileSync(copy, secret[1], { mode: 0o600 });
    expect(leaksOf(await search(wanted))).toEqual([
      `${secret[0]}: node01:/var/lib/mcp/open/etc/nova/nova.conf`,
    ]);
  },
);

test.skipIf(!isRoot).each([
  ['argv', [planted], {}],
  ['environment', [], { PLANTED: planted }],
] as const)(
  'a secret that is planted in the %s of what our own children start is found',
  async (_where, words, environment) => {
    const sampling = sampleProcesses({ planted }, { everyMilliseconds: 5, below: process.pid });
    execFile('sh', ['-c', 'sh -c "sleep 0.5; :" "$@"; :', 'sh', ...words], {
      env: { PATH: process.env['PATH'], ...environment },
    });
    await pause(400);
    expect((await sampling.finish()).leaks.length).toBeGreaterThan(0);
  },
);
