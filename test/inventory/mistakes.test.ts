import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCodeOf, McpError } from '../../src/model/failure.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { fakeServices } from '../topology/fake-services.ts';

const valid = `format: 1
cloud: lab
platform: { distribution: debian, release: bookworm }
networks:
  management: { cidr: 10.77.0.0/24, interface: host0 }
machines:
  ctl01: { rack: a, addresses: { management: 10.77.0.11 }, roles: [control, database, messaging] }
  ctl02: { rack: b, addresses: { management: 10.77.0.12 }, roles: [control, database, messaging] }
  ctl03: { rack: c, addresses: { management: 10.77.0.13 }, roles: [control, database, messaging] }
  prx01: { rack: a, addresses: { management: 10.77.0.14 }, roles: [proxy] }
  prx02: { rack: b, addresses: { management: 10.77.0.15 }, roles: [proxy] }
vips:
  control: { role: control, address: 10.77.0.100, routerId: 51 }
  database: { role: database, address: 10.77.0.101, routerId: 52 }
  public: { role: proxy, address: 10.77.0.102, routerId: 61, hostname: cloud.lab }
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-inventory-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Every error and warning, as `LINE:COLUMN severity path: message`. */
async function complaintsAbout(text: string): Promise<readonly string[]> {
  const file = join(folder, 'cloud.yaml');
  await writeFile(file, text);
  try {
    const { warnings } = await loadTopology(file, { needs: 'topology', services: fakeServices });
    return linesOf(warnings);
  } catch (thrown) {
    if (!(thrown instanceof McpError)) throw thrown;
    expect(exitCodeOf(thrown.code)).toBe(3);
    return linesOf(thrown.details.diagnostics ?? []);
  }
}

type Told = NonNullable<McpError['details']['diagnostics']>;
const linesOf = (diagnostics: Told): readonly string[] =>
  diagnostics
    .filter(({ path }) => path[0] !== 'secrets')
    .map(({ line, column, severity, path, message }) =>
      [`${line}:${column} ${severity}`, path.length > 0 ? `${path.join('.')}: ${message}` : message].join(
        ' ',
      ),
    );

const edited = (from: string, to: string): string => {
  expect(valid).toContain(from);
  return valid.replace(from, to);
};

test('says nothing about a valid inventory', async () => {
  expect(await complaintsAbout(valid)).toEqual([]);
});

test('an inventory for machines that carry nodes is valid too', async () => {
  const nodes = valid.replace(
    /^ {2}(ctl0\d|prx0\d): \{ rack: (\w), (.*)$/gm,
    '  kvm-$1: { rack: $2, nodes: { $1: { $3 } }',
  );
  expect(nodes).toContain('kvm-ctl01: { rack: a, nodes: { ctl01: { addresses');
  expect(await complaintsAbout(nodes)).toEqual([]);
});

const cases: readonly (readonly [mistake: string, text: string, complaints: readonly string[]])[] = [
  [
    'an unknown key that resembles a known one',
    edited('cloud: lab', 'clowd: lab'),
    ['1:1 error cloud: is required', '2:8 error clowd: unknown key; did you mean cloud?'],
  ],
  [
    'an unknown key',
    edited('cloud: lab', 'cloud: lab\nfrobnicate: 1'),
    ['3:13 error frobnicate: unknown key'],
  ],
  [
    'an unknown key of a machine',
    edited(
      '{ rack: a, addresses: { management: 10.77.0.14 }, roles',
      '{ rak: a, addresses: { management: 10.77.0.14 }, roles',
    ),
    ['10:17 error machines.prx01.rak: unknown key; did you mean rack?'],
  ],
  [
    'an unknown service',
    `${valid}services: { stor: { port: 1 } }\n`,
    ['16:13 error services.stor: unknown key; did you mean store?'],
  ],
  [
    'an unknown setting',
    `${valid}services:\n  store: { prot: 1 }\n`,
    ['17:18 error services.store.prot: unknown key; did you mean port?'],
  ],
  [
    'a setting of one machine that is out of range',
    edited(
      'rack: a, addresses: { management: 10.77.0.11 }',
      'services: { store: { workers: 0 } }, addresses: { management: 10.77.0.11 }',
    ),
    ['7:42 error machines.ctl01.services.store.workers: must be at least 1'],
  ],
  [
    'a setting of one machine that is unknown',
    edited(
      'rack: a, addresses: { management: 10.77.0.11 }',
      'services: { store: { wrokers: 1 } }, addresses: { management: 10.77.0.11 }',
    ),
    ['7:42 error machines.ctl01.services.store.wrokers: unknown key; did you mean workers?'],
  ],
  [
    'a setting of one machine that all have to agree on',
    edited(
      'rack: a, addresses: { management: 10.77.0.11 }',
      'services: { store: { port: 3307 } }, addresses: { management: 10.77.0.11 }',
    ),
    ['7:39 error machines.ctl01.services.store.port: holds for the whole cloud and not for one machine'],
  ],
  [
    'a missing key',
    edited('platform: { distribution: debian, release: bookworm }\n', ''),
    ['1:1 error platform: is required'],
  ],
  [
    'another release than the others of its roles run',
    edited('ctl03: { rack: c,', 'ctl03: { rack: c, platform: { distribution: debian, release: trixie },'),
    [
      '9:21 error machines.ctl03.platform: ctl03 runs trixie and other hosts with control, database and messaging run bookworm',
    ],
  ],
  ['another format', edited('format: 1', 'format: 2'), ['1:9 error format: must be 1, not 2']],
  [
    'a role that does not exist',
    edited('roles: [proxy] }\n  prx02', 'roles: [porxy] }\n  prx02'),
    [
      '10:68 error machines.prx01.roles.0: must be one of control, database, messaging, proxy, not “porxy”; did you mean proxy?',
    ],
  ],
  [
    'yes, which YAML 1.2 takes for a text',
    edited('routerId: 51', 'routerId: 51, tls: yes'),
    ['13:70 error vips.control.tls: must be true or false, not “yes”'],
  ],
  [
    'a machine without roles',
    edited(', roles: [proxy] }\n  prx02', ' }\n  prx02'),
    ['10:3 error machines.prx01.roles: is required'],
  ],
  [
    'a machine with nodes and roles of its own',
    edited(
      'roles: [proxy] }\n  prx02',
      'roles: [proxy], nodes: { a: { addresses: { management: 10.77.0.20 }, roles: [proxy] } } }\n  prx02',
    ),
    [
      '10:21 error machines.prx01.addresses: prx01 carries nodes: addresses belong to these',
      '10:60 error machines.prx01.roles: prx01 carries nodes: roles belong to these',
    ],
  ],
  [
    'an IPv6 address',
    edited('10.77.0.14', 'fd00::14'),
    [
      '10:46 error machines.prx01.addresses.management: is an IPv6 address, and mcp works with IPv4 alone so far: hosts, VIPs and networks have one address each, and VRRP, listeners, the firewall and logins to the database are written for that one',
    ],
  ],
  [
    'an IPv6 network',
    edited('10.77.0.0/24', 'fd00::/64'),
    [
      '5:23 error networks.management.cidr: is an IPv6 network, and mcp works with IPv4 alone so far: hosts, VIPs and networks have one address each, and VRRP, listeners, the firewall and logins to the database are written for that one',
    ],
  ],
  [
    'a gateway outside of its network',
    edited('host0 }\n', 'host0, gateway: 10.78.0.1 }\n'),
    [
      '5:64 error networks.management.gateway: 10.78.0.1 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
  [
    'a gateway of IPv6, and what is wrong beside it',
    edited('host0 }\n', 'host0, gateway: fd00::1 }\n').replace('10.77.0.12', '10.99.0.12'),
    [
      '5:64 error networks.management.gateway: is an IPv6 address, and mcp works with IPv4 alone so far: hosts, VIPs and networks have one address each, and VRRP, listeners, the firewall and logins to the database are written for that one',
      '8:46 error machines.ctl02.addresses.management: 10.99.0.12 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
  [
    'a gateway that is one of our own',
    edited('host0 }\n', 'host0, gateway: 10.77.0.14 }\n'),
    [
      "5:64 error networks.management.gateway: 10.77.0.14 is the address of prx01, which can't tell whether it is cut off itself",
    ],
  ],
  [
    'a network that is an address',
    edited('10.77.0.0/24', '10.77.0.5/24'),
    ['5:23 error networks.management.cidr: is an address in a network, not a network: write 10.77.0.0/24'],
  ],
  [
    'a host name in capitals',
    edited('  prx01: {', '  PRX01: {'),
    [
      '10:3 error machines.PRX01: must be a short host name: lower-case letters, digits and hyphens, 63 characters at most',
    ],
  ],
  [
    'a key given twice',
    edited('cloud: lab', 'cloud: lab\ncloud: labor'),
    ['3:1 error this key is given twice in one mapping'],
  ],
  ['a tab', edited('  management: {', '\tmanagement: {'), ['5:1 error a tab indents this line']],
  [
    'an anchor and its alias',
    edited('10.77.0.11', '&a 10.77.0.11').replace('10.77.0.12', '*a'),
    ['7:49 error anchors are not supported (&a)', '8:46 error aliases are not supported (*a)'],
  ],
  [
    'a line break in a value',
    edited('cloud: lab', 'cloud: "lab\\nroot: x"'),
    [
      '2:8 error holds a line break or a control character',
      '2:8 error cloud: must be a short name: lower-case letters, digits and hyphens, 32 characters at most',
    ],
  ],
  ['an empty file', '', ['1:1 error is empty']],
  ['a list', '- a\n', ['1:1 error must be a mapping, not a list']],
  [
    'a VRID out of range',
    edited('routerId: 52', 'routerId: 256'),
    ['14:63 error vips.database.routerId: must be at most 255'],
  ],
  [
    'a VRID given twice',
    edited('routerId: 52', 'routerId: 51'),
    ['14:63 error vips.database.routerId: 51 is the VRID of control too'],
  ],
  [
    'a VIP outside its network',
    edited('10.77.0.101', '10.78.0.101'),
    [
      '14:40 error vips.database.address: 10.78.0.101 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
  [
    'a VIP that is the broadcast address',
    edited('10.77.0.101', '10.77.0.255'),
    [
      '14:40 error vips.database.address: 10.77.0.255 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
  [
    'a VIP that is a host’s address',
    edited('10.77.0.101', '10.77.0.12'),
    ['14:40 error vips.database.address: 10.77.0.12 is already the address of ctl02'],
  ],
  [
    'a VIP given twice',
    edited('10.77.0.101', '10.77.0.100'),
    ['14:40 error vips.database.address: 10.77.0.100 is already the address of the VIP control'],
  ],
  [
    'an address given twice',
    edited('10.77.0.12', '10.77.0.11'),
    ['8:46 error machines.ctl02.addresses.management: 10.77.0.11 is already the address of ctl01'],
  ],
  [
    'an address outside its network',
    edited('10.77.0.12', '10.99.0.12'),
    [
      '8:46 error machines.ctl02.addresses.management: 10.99.0.12 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
  [
    'an address in a network that is not described',
    edited('{ management: 10.77.0.14 }', '{ management: 10.77.0.14, public: 192.0.2.4 }'),
    ['10:66 error machines.prx01.addresses.public: the network public is not described'],
  ],
  [
    'a described network that a member has no address in',
    edited('host0 }\n', 'host0 }\n  replication: { cidr: 10.88.0.0/24, interface: host1 }\n')
      .replace('10.77.0.11 }', '10.77.0.11, replication: 10.88.0.11 }')
      .replace('10.77.0.12 }', '10.77.0.12, replication: 10.88.0.12 }'),
    [
      '10:21 error machines.ctl03.addresses.replication: ctl03 needs an address in the replication network: its members replicate in it',
    ],
  ],
  [
    'overlapping networks',
    edited('host0 }\n', 'host0 }\n  public: { cidr: 10.77.0.0/16, interface: host1 }\n'),
    ['6:19 error networks.public.cidr: 10.77.0.0/16 overlaps with the management network, 10.77.0.0/24'],
  ],
  [
    'a host name given twice',
    edited('hostname: cloud.lab', 'hostname: prx01'),
    ['15:72 error vips.public.hostname: the name prx01 is used twice, also by machines.prx01'],
  ],
  [
    'an even quorum',
    edited('roles: [proxy] }\n  prx02', 'roles: [proxy, database] }\n  prx02').replace(
      'rack: a, addresses: { management: 10.77.0.14',
      'addresses: { management: 10.77.0.14',
    ),
    [
      '6:1 error machines: 4 hosts carry database (ctl01, ctl02, ctl03 and prx01): a quorum needs an odd number, 3 at least',
    ],
  ],
  [
    'a quorum of one',
    edited(
      'roles: [control, database, messaging] }\n  ctl02',
      'roles: [control, messaging] }\n  ctl02',
    ).replace(
      '10.77.0.12 }, roles: [control, database, messaging]',
      '10.77.0.12 }, roles: [control, messaging]',
    ),
    ['6:1 error machines: 1 host carries database (ctl03): a quorum needs an odd number, 3 at least'],
  ],
  [
    'a single proxy',
    edited('  prx02: { rack: b, addresses: { management: 10.77.0.15 }, roles: [proxy] }\n', ''),
    ['6:1 error machines: only prx01 carries proxy: nothing takes over when it fails'],
  ],
  [
    'a role that nothing carries',
    valid.replace(/ {2}prx0\d.*\n/g, ''),
    [
      '6:1 error machines: no machine carries the role proxy, which page needs',
      '13:19 error vips.public.role: no machine carries proxy, so nothing could hold this VIP',
    ],
  ],
  [
    'a missing VIP',
    edited('  database: { role: database, address: 10.77.0.101, routerId: 52 }\n', ''),
    ['12:1 error vips: there is no VIP with the role database, which balancer needs'],
  ],
  [
    'members on one machine',
    valid.replace(
      / {2}ctl02: .*\n {2}ctl03: .*\n/,
      `  kvm: { nodes: {
    ctl02: { addresses: { management: 10.77.0.12 }, roles: [control, database, messaging] },
    ctl03: { addresses: { management: 10.77.0.13 }, roles: [control, database, messaging] } } }\n`,
    ),
    [
      '10:5 error machines.kvm.nodes.ctl03: ctl02 and ctl03 both carry control, database and messaging on the machine kvm: its failure takes them together',
    ],
  ],
  [
    'a shared rack, as a warning',
    edited('ctl02: { rack: b', 'ctl02: { rack: a'),
    [
      '8:18 warning machines.ctl02.rack: ctl01 and ctl02 stand in the rack a and both carry control, database and messaging',
    ],
  ],
  [
    'two listeners on one address and port',
    `${valid}services:\n  store: { port: 5672 }\n`,
    [
      '17:18 error services.store.port: store (clients) and broker (clients) both listen on 10.77.0.11:5672 of ctl01',
    ],
  ],
  [
    'a lab in another namespace',
    `${valid}ssh: { namespace: elsewhere }\nlab: { name: mcp-lab }\n`,
    ["16:19 error ssh.namespace: is elsewhere, but the lab's namespace is mcp-lab"],
  ],
  [
    'outsiders of a lab that are somebody of the cloud',
    `${valid}ssh: { namespace: mcp-lab }
lab:
  name: mcp-lab
  recorder: { name: sec01, address: 10.77.0.20 }
  outsiders:
    out01: 10.77.0.66
    ctl01: 10.77.0.67
    sec01: 10.77.0.68
    out02: 10.77.0.12
    out03: 10.77.0.102
    out04: 10.77.0.20
    out05: 10.77.0.66
    out06: 10.78.0.66
`,
    [
      '22:12 error lab.outsiders.ctl01: the name ctl01 is used twice',
      '23:12 error lab.outsiders.sec01: the name sec01 is used twice',
      '24:12 error lab.outsiders.out02: 10.77.0.12 is already the address of ctl02',
      '25:12 error lab.outsiders.out03: 10.77.0.102 is already the address of the VIP public',
      '26:12 error lab.outsiders.out04: 10.77.0.20 is already the address of sec01',
      '27:12 error lab.outsiders.out05: 10.77.0.66 is already the address of out01',
      '28:12 error lab.outsiders.out06: 10.78.0.66 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
  [
    'a lab with clients among its hosts, a jump host elsewhere, and habits of nobody',
    `${valid}ssh: { namespace: mcp-lab, user: operator, jump: 10.78.0.9 }
lab:
  name: mcp-lab
  clients: 10.77.0.128/25
  outsiders: { out01: 10.77.0.140, out02: 192.0.2.1 }
  habits:
    ctl09: { umask: "077" }
`,
    [
      '16:50 error ssh.jump: 10.78.0.9 is not an address for hosts in any network of the lab',
      '19:12 error lab.clients: shares addresses with the management network, 10.77.0.0/24',
      '20:43 error lab.outsiders.out02: 192.0.2.1 is not an address for hosts in any network of the lab: 10.77.0.0/24, 10.77.0.128/25',
      '22:5 error lab.habits.ctl09: there is no host ctl09',
    ],
  ],
  [
    'an outsider whose name would be that of another namespace',
    `${valid}ssh: { namespace: mcp-lab }\nlab: { name: mcp-lab, outsiders: { a.out01: 10.77.0.66 } }\n`,
    [
      '17:45 error lab.outsiders.a.out01: must be a short host name: lower-case letters, digits and hyphens, 63 characters at most',
    ],
  ],
  [
    'several mistakes of shape and of rules at once',
    edited('routerId: 52', 'routerId: 0')
      .replace('10.77.0.12', '10.77.0.11')
      .replace('cloud: lab', 'cloud: lab\nregoin: x')
      .replace('10.77.0.102', '10.99.0.102'),
    [
      '3:9 error regoin: unknown key; did you mean region?',
      '9:46 error machines.ctl02.addresses.management: 10.77.0.11 is already the address of ctl01',
      '15:63 error vips.database.routerId: must be at least 1',
      '16:35 error vips.public.address: 10.99.0.102 is not an address for hosts in the management network, 10.77.0.0/24',
    ],
  ],
];

test.each(cases)('%s', async (_mistake, text, complaints) => {
  expect(await complaintsAbout(text)).toEqual(complaints);
});

test('a file that is not there', async () => {
  const thrown: unknown = await loadTopology(join(folder, 'absent.yaml')).catch((cause: unknown) => cause);
  expect(thrown).toMatchObject({
    code: 'invalid-inventory',
    details: { diagnostics: [{ line: 1, column: 1, message: "can't be read: no such file" }] },
  });
});
