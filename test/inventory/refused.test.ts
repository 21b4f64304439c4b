import { expect, test } from 'vitest';
import { changed, complaintsAbout, hintsAbout, withSettings } from './five-hosts.ts';

type Case = readonly [mistake: string, text: string, complaints: readonly string[]];

const secondVip = (vip: string): string => changed(['services:\n', `  second: ${vip}\nservices:\n`]);
const ofMachine = (said: string): string => changed(['ctl01: { ', `ctl01: { ${said}, `]);
const inNetwork = (first: string): string => {
  const moved = changed(['10.77.0.0/24', `${first}.0.0.0/8`]);
  return moved.replaceAll('10.77.', `${first}.77.`);
};
const noHostAddress = 'is no address that a host can have';
const otherMeaning = 'means something else to whoever looks it up: take a name with letters';

const vips: readonly Case[] = [
  [
    'TLS on the VIP of the database',
    changed(['routerId: 52', 'routerId: 52, tls: true']),
    ["error vips.database.tls: the load balancer can't end the TLS of galera, which is the servers' own"],
  ],
  [
    'a second control VIP without TLS',
    secondVip('{ role: control, address: 10.77.0.103, routerId: 53 }'),
    [
      'error vips.second: second speaks no TLS, as control does: what is offered on the VIPs of control is the same on all',
    ],
  ],
  [
    'a VIP of a role that nothing stands in front of',
    secondVip('{ role: messaging, address: 10.77.0.103, routerId: 53 }'),
    ['error vips.second.role: nothing serves a VIP of messaging: its clients know all of its members'],
  ],
  [
    'a VIP in a network that is not described',
    changed(['routerId: 61', 'routerId: 61, network: public']),
    ['error vips.public.network: the network public is not described'],
  ],
  [
    'an interface of a network that is not described',
    ofMachine('interfaces: { public: eth7 }'),
    ['error machines.ctl01.interfaces.public: the network public is not described'],
  ],
  [
    'an interface of a network without an address there',
    changed(['host0 }\n', 'host0 }\n  public: { cidr: 10.88.0.0/24, interface: host1 }\n']).replace(
      'ctl01: { ',
      'ctl01: { interfaces: { public: eth7 }, ',
    ),
    ['error machines.ctl01.interfaces.public: nothing there has an address in the public network'],
  ],
  [
    'settings of a service that does not run there',
    changed(['prx01: { ', 'prx01: { services: { keystone: { processes: 2 } }, ']),
    [
      'error machines.prx01.services.keystone: Keystone does not run there: it runs where the role control is',
    ],
  ],
  [
    'TLS of the database on one of its machines',
    ofMachine('services: { galera: { tls: true } }'),
    ['error machines.ctl01.services.galera.tls: holds for the whole cloud and not for one machine'],
  ],
  [
    'TLS of the broker on one of its machines',
    ofMachine('services: { rabbitmq: { tls: true } }'),
    ['error machines.ctl01.services.rabbitmq.tls: holds for the whole cloud and not for one machine'],
  ],
];

const stores: readonly Case[] = [
  '/var/lib/glance/staging',
  '/var/lib/glance/staging/',
  '/var/lib/glance/staging/a',
  '/var/lib/glance//staging',
  '/var/lib/glance/images/../staging',
].map(
  (path): Case => [
    `images in ${path}`,
    changed(['store: { shared: true }', `store: { shared: true, path: ${path} }`]),
    [
      'error services.glance.store.path: Glance removes what it has imported from /var/lib/glance/staging, and so the images themselves if they are kept there',
    ],
  ],
);

const ports: readonly Case[] = [
  [
    'a port that needs root',
    withSettings('placement: { port: 80 }'),
    ['error services.placement.port: must be at least 1024'],
  ],
  [
    'the port of ssh',
    changed(['services:\n', 'ssh: { port: 3306 }\nservices:\n']),
    [
      'error ssh.port: galera (SQL) and ssh (sshd) both listen on 10.77.0.11:3306 of ctl01',
      'error ssh.port: sshd and galera are both offered on the VIP 10.77.0.101:3306',
    ],
  ],
  [
    'two that say on one port that they are alive',
    withSettings('haproxy: { apiAlivePort: 8405 }'),
    [
      'error services.haproxy.apiAlivePort: haproxy (whether haproxy-api.service is alive) and haproxy (whether haproxy-sql.service is alive) both listen on 127.0.0.1:8405 of ctl01',
    ],
  ],
  [
    'an alive port that is that of ssh',
    withSettings('nginx: { alivePort: 22 }'),
    [
      'error services.nginx.alivePort: nginx (whether nginx.service is alive) and ssh (sshd) both listen on 127.0.0.1:22 of prx01',
    ],
  ],
  [
    "an alive port that is that of Erlang's port mapper, which is on the loopback too",
    withSettings('haproxy: { apiAlivePort: 4369 }'),
    [
      'error services.haproxy.apiAlivePort: rabbitmq (Erlang port mapper) and haproxy (whether haproxy-api.service is alive) both listen on 127.0.0.1:4369 of ctl01',
    ],
  ],
];

const names: readonly Case[] = [
  [
    'hosts on the loopback',
    inNetwork('127'),
    [11, 12, 13, 14, 15].map(
      (last, index) =>
        `warning machines.${['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'][index]}.addresses.management: 127.77.0.${last} is each host itself: no other host reaches it`,
    ),
  ],
  ...['224', '255'].map(
    (first): Case => [
      `hosts in ${first}.0.0.0/8`,
      inNetwork(first),
      [
        'error networks.management.cidr: is no network that hosts can be in',
        ...['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'].map(
          (name) => `error machines.${name}.addresses.management: ${noHostAddress}`,
        ),
        ...['control', 'database', 'public'].map((name) => `error vips.${name}.address: ${noHostAddress}`),
      ],
    ],
  ),
  [
    'the network of everything',
    changed(['10.77.0.0/24', '0.0.0.0/0']),
    ['error networks.management.cidr: is no network that hosts can be in'],
  ],
  ...['localhost', '01', '16', '0x10'].map(
    (name): Case => [
      `a machine called ${name}`,
      changed(['  ctl01:', `  ${name}:`]),
      [`error machines.${name}: ${otherMeaning}`],
    ],
  ),
  [
    'a VIP called localhost',
    changed(['  control:', '  localhost:']),
    [`error vips.localhost: ${otherMeaning}`],
  ],
  [
    'a VIP whose name is an address',
    changed(['cloud.five', '10.1.2.3']),
    [`error vips.control.hostname: ${otherMeaning}`],
  ],
  ['a machine called 1e3, which is a name', changed(['  ctl01:', '  1e3:']), []],
  ['a machine called null, which is a name', changed(['  ctl01:', '  null:']), []],
  ['01 and 1, which are two names', changed(['  ctl01:', '  n01:'], ['  ctl02:', '  n1:']), []],
  [
    'a machine called __proto__',
    changed(['  ctl01:', '  __proto__:']),
    ['error : nothing can be called __proto__'],
  ],
  [
    'a name of the cloud that joiners of the database fail on',
    changed(['cloud: five', `cloud: ${'a'.repeat(33)}`]),
    ['error cloud: must be a short name: lower-case letters, digits and hyphens, 32 characters at most'],
  ],
  ...['99999', '65536', '0'].map(
    (port): Case => [
      `a jump host at port ${port}`,
      changed(['services:\n', `ssh: { jump: 'admin@gate:${port}' }\nservices:\n`]),
      ['error ssh.jump: must be [user@]host[:port], with a port from 1 to 65535'],
    ],
  ),
  [
    'a jump host that ssh would take for an option',
    changed(['services:\n', "ssh: { jump: 'admin@-oProxyCommand=x' }\nservices:\n"]),
    ['error ssh.jump: must be [user@]host[:port], with a port from 1 to 65535'],
  ],
  [
    'two releases within a role',
    ofMachine('platform: { distribution: debian, release: trixie }'),
    [
      'error machines.ctl01.platform: ctl01 runs trixie and other hosts with control, database and messaging run bookworm',
    ],
  ],
];

const neutron = (settings: string): string => withSettings(`neutron: { ${settings} }`);

const networks: readonly Case[] = [
  [
    'a range of VLANs that counts down',
    neutron("vlanRanges: ['physnet1:5:1']"),
    ['error services.neutron.vlanRanges.0: physnet1:5:1 is no range of VLANs'],
  ],
  [
    'a range of VLANs that there are not',
    neutron("vlanRanges: ['physnet1:1:4095']"),
    ['error services.neutron.vlanRanges.0: physnet1:1:4095 is no range of VLANs'],
  ],
  [
    'ranges of VXLAN networks',
    neutron("vxlanRange: '9:1'"),
    ['error services.neutron.vxlanRange: 9:1 is no range of VXLAN networks'],
  ],
  [
    'VXLAN networks that there are not',
    neutron("vxlanRange: '1:16777216'"),
    ['error services.neutron.vxlanRange: 1:16777216 is no range of VXLAN networks'],
  ],
  [
    'a type of network that has no driver',
    neutron('typeDrivers: [flat, vlan]'),
    ['error services.neutron.tenantNetworkTypes.0: vxlan is not among the typeDrivers'],
  ],
  [
    'VLANs for projects, and none to give them',
    neutron('tenantNetworkTypes: [vlan]'),
    ['error services.neutron.tenantNetworkTypes.0: there are no VLANs that projects could get'],
  ],
  [
    'a mechanism driver that does not exist',
    neutron('mechanismDrivers: [openvsiwtch]'),
    [
      'error services.neutron.mechanismDrivers.0: must be one of openvswitch, l2population, linuxbridge, macvtap, sriovnicswitch, ovn, logger, not “openvsiwtch”; did you mean openvswitch?',
    ],
  ],
  [
    'a plugin that makes deadlocks for tests',
    neutron('servicePlugins: [loki]'),
    [expect.stringMatching(/^error services.neutron.servicePlugins.0: must be one of .*, not “loki”/)],
  ],
  [
    'OVN, whose databases nobody has said',
    neutron('mechanismDrivers: [openvswitch, ovn], servicePlugins: [ovn-router]'),
    [
      'error services.neutron.mechanismDrivers.1: mcp does not deploy the databases of OVN',
      'error services.neutron.servicePlugins.0: mcp does not deploy the databases of OVN',
    ],
  ],
  ['any physical network, as Neutron has it', neutron("flatNetworks: ['*']"), []],
];

const sizes: readonly Case[] = [
  [
    'a package that is no regular expression',
    withSettings("host: { heldBackPackages: ['(mariadb'] }"),
    ['error services.host.heldBackPackages.0: is no regular expression'],
  ],
  [
    'the virtual host where drills are',
    withSettings('rabbitmq: { vhost: mcp_drill }'),
    [
      'error services.rabbitmq.vhost: must be a word of letters, digits, dots, hyphens and underscores, and not mcp_drill, where drills are',
    ],
  ],
  [
    'requests that are waited for longer than three thousand years',
    withSettings('haproxy: { apiHardStopSeconds: 99999999999 }'),
    ['error services.haproxy.apiHardStopSeconds: must be at most 86400'],
  ],
  [
    'an upload that no disk holds',
    withSettings('nginx: { maxUploadGigabytes: 99999999 }'),
    ['error services.nginx.maxUploadGigabytes: must be at most 65536'],
  ],
  [
    'fewer sessions than clients',
    withSettings('galera: { maxConnections: 1000 }'),
    [
      'error services.galera.maxConnections: 1000 sessions are too few: the load balancer lets 4000 clients through, and checks and operators need 32 more',
    ],
  ],
  [
    'more clients than sessions',
    withSettings('haproxy: { sqlMaxConnections: 5000 }'),
    [
      'error services.galera.maxConnections: 4096 sessions are too few: the load balancer lets 5000 clients through, and checks and operators need 32 more',
    ],
  ],
  [
    'more clients than sessions, through two VIPs',
    secondVip('{ role: database, address: 10.77.0.103, routerId: 53 }'),
    [
      'error services.galera.maxConnections: 4096 sessions are too few: 2 load balancers let 8000 clients through, and checks and operators need 32 more',
    ],
  ],
  [
    'fewer of both',
    withSettings('galera: { maxConnections: 1000 }\n  haproxy: { sqlMaxConnections: 900 }'),
    [],
  ],
  [
    'fewer of both, said once for both load balancers',
    withSettings('galera: { maxConnections: 1000 }\n  haproxy: { maxConnections: 900 }'),
    [],
  ],
];

const atOnce: readonly Case[] = [
  [
    'a mistake in the management network hides none elsewhere',
    changed(
      ['interface: host0', "interface: '!!'"],
      ['10.77.0.12', '10.77.0.11'],
      ['routerId: 52', 'routerId: 51'],
      [
        'prx01: { addresses: { management: 10.77.0.14 }, roles: [proxy]',
        'prx01: { addresses: { management: 10.77.0.14 }, roles: [database]',
      ],
      ['services:\n', 'services:\n  haproxy: { apiAlivePort: 8405 }\n'],
    ),
    [
      'error networks.management.interface: must be the name of a network interface, 15 characters at most',
      'error machines: 4 hosts carry database (ctl01, ctl02, ctl03 and prx01): a quorum needs an odd number, 3 at least',
      'error machines: only prx02 carries proxy: nothing takes over when it fails',
      'error machines.ctl02.addresses.management: 10.77.0.11 is already the address of ctl01',
      'error vips.database.routerId: 51 is the VRID of control too',
      'error services.haproxy.apiAlivePort: haproxy (whether haproxy-api.service is alive) and haproxy (whether haproxy-sql.service is alive) both listen on 127.0.0.1:8405 of ctl01',
    ],
  ],
  [
    'mistakes in what is said first, in an address, a VIP and a setting hide none either',
    changed(
      ['format: 1', 'format: 2'],
      ['cloud: five', 'cloud: Five'],
      ['bookworm', 'jessie'],
      ['cidr: 10.77.0.0/24', 'cidr: 10.77.0.0'],
      ['10.77.0.11', '10.77.0.300'],
      ['routerId: 51', 'routerId: 0'],
      ['routerId: 61', 'routerId: 52'],
      ['services:\n', 'services:\n  nova: { port: x }\n  placement: { port: 9292 }\n'],
    ),
    [
      'error format: must be 1, not 2',
      'error cloud: must be a short name: lower-case letters, digits and hyphens, 32 characters at most',
      'error platform.release: must be one of bookworm, trixie, not “jessie”',
      'error networks.management.cidr: must be an IPv4 network with its prefix, such as 10.0.0.0/24',
      'error machines.ctl01.addresses.management: must be an IPv4 address such as 10.0.0.11',
      'error vips.control.routerId: must be at least 1',
      'error vips.public.routerId: 52 is the VRID of database too',
      'error services.nova.port: must be a number, not “x”',
      'error services.placement.port: glance (image API) and placement (placement API) both listen on 198.19.0.0:9292 of ctl01',
      'error services.placement.port: glance and placement are both offered on the VIP 10.77.0.100:9292',
      'error services.placement.port: glance and placement are both offered on the VIP 10.77.0.102:9292',
    ],
  ],
  [
    'nothing is counted that is not known',
    changed(['roles: [proxy] }\n  prx02', 'roles: [porxy] }\n  prx02'], ['role: proxy', 'role: porxy']),
    [
      'error machines.prx01.roles.0: must be one of control, database, messaging, proxy, not “porxy”; did you mean proxy?',
      'error vips.public.role: must be one of control, database, messaging, proxy, not “porxy”; did you mean proxy?',
    ],
  ],
];

test.each([...vips, ...stores, ...ports, ...names, ...networks, ...sizes, ...atOnce])(
  '%s',
  async (_mistake, text, complaints) => {
    expect(await complaintsAbout(text)).toEqual(complaints);
  },
);

test('who wants TLS for the database is told where that is said', async () => {
  const [hint] = await hintsAbout(changed(['routerId: 52', 'routerId: 52, tls: true']));
  expect(hint).toContain('services: { galera: { tls: … } }');
});
