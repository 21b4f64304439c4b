import { describe, expect, test } from 'vitest';
import { targetsOf } from '../../../src/drill/targets.ts';
import type { Encryption } from '../../../src/model/encryption.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { type Instance, instancesOf } from '../../../src/model/topology.ts';
import { galera } from '../../../src/services/galera/index.ts';
import { parseMember } from '../../../src/services/galera/member.ts';
import { services } from '../../../src/services/index.ts';
import { resourcesOf } from '../../support/golden.ts';
import { observed, observedHost } from '../../support/observed.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { pythonOn } from '../../support/python.ts';
import { fiveHosts } from '../../support/topology.ts';
import { instances as membersFor, topology as memberTopology, observedWith } from './members.ts';

const ways: readonly Encryption[] = [false, 'optional', true];
const cloudWith = (tls: Encryption) => wholeTopology(fiveHosts(), { settings: { galera: { tls } } });
const server = '/etc/mysql/mariadb.conf.d/99-mcp.cnf';

/** What `service` wants on the first host that runs it. */
async function wantedBy(name: string, tls: Encryption): Promise<readonly Resource[]> {
  const topology = cloudWith(tls);
  const service = services.find((each) => each.name === name);
  const [instance] = instancesOf(topology, name);
  if (!service || !instance) throw new Error(`no service ${name}`);
  return resourcesOf(service, instance, topology);
}

async function contentOf(name: string, path: string, tls: Encryption): Promise<string> {
  const file = (await wantedBy(name, tls)).find((each) => each.kind === 'file' && each.path.endsWith(path));
  return file?.kind === 'file' ? file.content : '';
}

describe('clients', () => {
  const authority = '/usr/local/share/ca-certificates/mcp-lab.crt';

  test.each([
    ['keystone', 'keystone.conf', 1],
    ['glance', 'glance-api.conf', 1],
    ['placement', 'placement.conf', 1],
    ['nova', 'nova.conf', 2],
    ['neutron', 'neutron.conf', 1],
  ])('%s verifies the database by the authority of the cloud', async (service, path, urls) => {
    const verified = async (tls: Encryption) =>
      [...(await contentOf(service, path, tls)).matchAll(/^connection = mysql\+pymysql:.*$/gm)].map(([url]) =>
        new URL(url.replace('connection = ', '')).searchParams.get('ssl_ca'),
      );
    expect(await verified(true)).toEqual(Array(urls).fill(authority));
    expect(await verified('optional')).toEqual(Array(urls).fill(authority));
    expect(await verified(false)).toEqual(Array(urls).fill(null));
  });

  test('so do the dashboard and the checker beside the APIs', async () => {
    expect(await contentOf('horizon', '_9999_mcp.py', true)).toContain(`'ssl': {'ca': '${authority}'}`);
    const { apis } = JSON.parse(await contentOf('api-checker', 'api-checker.json', true));
    for (const { database, only_tls } of apis) {
      expect(database.ssl).toEqual({ ca: authority });
      expect(only_tls).toBe(true);
    }
    const passage = await contentOf('api-checker', 'api-checker.json', 'optional');
    for (const { database, only_tls } of JSON.parse(passage).apis) {
      expect(database.ssl).toEqual({ ca: authority });
      expect(only_tls).toBeUndefined();
    }
    expect(await contentOf('horizon', '_9999_mcp.py', false)).not.toContain("'ssl'");
    expect(await contentOf('api-checker', 'api-checker.json', false)).not.toContain('"ssl"');
  });

  test.each([
    ['by TLS', 'True', true, 'None'],
    ['without, where the database says that it has none', 'True', false, 'it speaks no TLS'],
    // The APIs are served by it all the same, and one that was left out of the last deploy may be the writer.
    ['without, while members may have none', 'False', false, 'None'],
  ])('the checker that is connected %s', async (_how, only, secure, said) => {
    const program = `
import sys, types
class Connection:
    _secure = ${secure ? 'True' : 'False'}
    def cursor(self): return self
    def __enter__(self): return self
    def __exit__(self, *ended): pass
    def execute(self, sql): pass
    def fetchall(self): pass
    def _force_close(self): pass
sys.modules['pymysql'] = types.SimpleNamespace(MySQLError=OSError, connect=lambda **login: Connection())
from database import Database
print(Database({"ssl": {"ca": "x"}, "host": "h"}, only_tls=${only}).look())
`;
    expect(await pythonOn('api-checker/api-checker', program)).toContain(said);
  });

  test('a drill verifies the database, and knows none of that where it has no TLS', () => {
    expect(targetsOf(cloudWith(false)).sql.tls).toBeUndefined();
    const { hostname, tls } = targetsOf(cloudWith('optional')).sql;
    // mysql2 compares no addresses, and the VIP has no name here.
    expect(tls).toEqual({ ca: expect.stringContaining('authority'), verifyIdentity: false });
    expect(hostname).toBe('10.77.0.101');
  });

  test('the probe takes nobody without TLS for the writer, but while some have none', async () => {
    const probe = (tls: Encryption) => contentOf('galera', 'mcp-probe.cnf', tls);
    expect(await probe(false)).not.toContain('ssl');
    expect(await probe('optional')).toMatch(/^ssl_verify_server_cert = 0$/m);
    expect(await probe(true)).toMatch(/^ssl_verify_server_cert = 1$/m);
  });
});

describe('members', () => {
  test('only the server and root read the key', async () => {
    const key = (await wantedBy('galera', true)).find(
      (each) => each.kind === 'file' && each.path.endsWith('host.key'),
    );
    expect(key).toMatchObject({ mode: '0640', owner: 'root', group: 'mysql' });
    expect((await wantedBy('galera', false)).filter((each) => JSON.stringify(each).includes('tls'))).toEqual(
      [],
    );
  });

  // A member asks another for a copy, or for what it missed, by the name of a program that both run. In a deploy each meets
  // some that are as they were before.
  test('whoever may be asked for an encrypted copy can give one', async () => {
    const asks = async (tls: Encryption) =>
      /^wsrep_sst_method = (.*)$/m.exec(await contentOf('galera', server, tls))?.[1];
    const gives = async (tls: Encryption) => [
      'mariabackup',
      ...(await wantedBy('galera', tls)).flatMap((each) =>
        each.kind === 'file' ? (/^\/usr\/bin\/wsrep_sst_(.*)$/.exec(each.path)?.[1] ?? []) : [],
      ),
    ];
    for (const [asking, ...giving] of [
      [false, false, 'optional'],
      ['optional', false, 'optional', true],
      [true, 'optional', true],
    ] satisfies Encryption[][]) {
      for (const other of giving) expect(await gives(other)).toContain(await asks(asking ?? false));
    }
    expect(await asks(true)).toBe('mariabackup_tls');
  });

  test('what a plain copy is made with is not what an encrypted one is: the one is never asked for with the other', async () => {
    const sections = (await contentOf('galera', server, true)).split(/^\[/m);
    expect(sections.filter((section) => section.includes('encrypt = 3'))).toEqual([
      expect.stringMatching(/^sst_tls\]/),
    ]);
  });

  test('a new certificate restarts nothing', async () => {
    const wanted = await wantedBy('galera', true);
    const restarts = wanted.flatMap((each) =>
      each.kind === 'unit' ? [...each.restartOn, ...each.reloadOn] : [],
    );
    expect(restarts.filter((path) => path.includes('mcp-tls'))).toEqual([]);
    expect(wanted).toContainEqual(
      expect.objectContaining({
        kind: 'task',
        readsFiles: expect.arrayContaining([expect.stringContaining('host.crt')]),
      }),
    );
  });
});

describe('ways in', () => {
  const offered = async (tls: Encryption) => {
    const file = (await wantedBy('galera', tls)).find((each) => each.kind === 'file' && each.path === server);
    if (file?.kind !== 'file' || file.offers === undefined) throw new Error('nothing is said of ways in');
    const { offers, content } = file;
    return content.split('\n').filter((line) => offers.test(line));
  };

  test.each([
    ['without TLS to both', false, 'optional', 0],
    ['from both to TLS alone', 'optional', true, 1],
    ['from TLS alone to both', true, 'optional', 0],
    ['from both to no TLS', 'optional', false, 2],
  ] as const)('%s', async (_way, before, after, closes) => {
    const then = await offered(after);
    expect((await offered(before)).filter((line) => !then.includes(line))).toHaveLength(closes);
  });
});

describe('steps that members do not survive one after the other', () => {
  const files = new Map(ways.map((tls) => [tls, contentOf('galera', server, tls)]));

  const obstacles = async (before: Encryption | 'nothing', after: Encryption, probe?: string) => {
    const [now, then] = [before === 'nothing' ? undefined : await files.get(before), await files.get(after)];
    const file = {
      kind: 'different',
      sha256: '',
      mode: '0644',
      owner: 'root',
      group: 'root',
      content: now,
    } as const;
    const found = now === then ? ({ kind: 'same' } as const) : file;
    const instances: readonly Instance<(typeof membersFor)[number]['settings']>[] = membersFor;
    return galera.obstacles?.(
      instances,
      memberTopology,
      observed(
        ...instances.map(({ host }) =>
          observedHost(host.name, {
            files: now === undefined ? new Map() : new Map([[server, found]]),
            probes: probe === undefined ? {} : { 'galera.status': probe },
          }),
        ),
      ),
      () => then,
    );
  };

  test.each([
    [false, 'optional'],
    ['optional', true],
    [true, 'optional'],
    ['optional', false],
    [false, false],
    [true, true],
    ['nothing', true],
  ] as const)('from %s to %s: they do', async (before, after) => {
    expect(await obstacles(before, after)).toEqual([]);
  });

  test.each([
    [false, true],
    [true, false],
  ] as const)('from %s to %s: over optional', async (before, after) => {
    expect(await obstacles(before, after)).toMatchObject([
      {
        host: 'ctl01',
        message: expect.stringContaining('ctl01, ctl02, ctl03'),
        hint: expect.stringContaining('optional'),
      },
    ]);
  });

  test('a server that was not restarted with its file yet counts as what it is', async () => {
    const runs =
      'installed=yes\nanswers=yes\ntls.certificate=NULL\ntls.required=0\ntls.group=\ntls.either=\n';
    expect(await obstacles('optional', true, runs)).toMatchObject([{ host: 'ctl01' }]);
  });
});

describe('what runs', () => {
  /** Replies of MariaDB 10.11 that was started with each of the files. */
  const replies = {
    no: ['NULL', '0', 'NULL', 'NULL'],
    optional: ['/etc/mysql/mcp-tls/host.crt', '0', 'YES', 'YES'],
    yes: ['/etc/mysql/mcp-tls/host.crt', '1', 'YES', 'NULL'],
  };

  test.each(Object.entries(replies))('%s', (tls, [certificate, required, group, either]) => {
    const lines = [
      'installed=yes',
      'answers=yes',
      `tls.certificate=${certificate}`,
      `tls.required=${required}`,
      `tls.group=${group}`,
      `tls.either=${either}`,
    ];
    expect(parseMember('ctl01', lines.join('\n')).tls).toBe(tls);
  });

  test('status says it of each member, and nothing of one that does not say', () => {
    const values = { 'tls.certificate': '', 'tls.required': '0', 'tls.group': '', 'tls.either': '' };
    const [section] = galera.status?.(membersFor, memberTopology, observedWith({ ctl01: { values } })) ?? [];
    const at = section?.columns.indexOf('tls') ?? -1;
    expect(section?.rows.map((row) => row[at])).toEqual(['no', '', '']);
  });
});
