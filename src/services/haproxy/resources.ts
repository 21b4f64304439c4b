import { inUrl } from '../../model/address.ts';
import { McpError } from '../../model/failure.ts';
import { multiline } from '../../model/multiline.ts';
import type { FileResource, Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Instance, ResolvedVip, Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit, stoppedUnit } from '../../resources/index.ts';
import {
  adminSocketOf,
  alivePort,
  type Balancer,
  balancersOn,
  configOf,
  frontOf,
  maxConnections,
  unitOf,
} from './balancers.ts';
import { certificateOf, certificatesDirectory, listenerValues, vipsOf } from './listeners.ts';
import type { HaproxySettings } from './settings.ts';

/** haproxy-keep-state.sh writes there. */
const stateDirectory = '/var/lib/mcp/haproxy';

/** What a host of the load balancers has: the package, and for each balancer a configuration and a unit. */
export function haproxyResources(
  instance: Instance<HaproxySettings>,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const scripts = [script('haproxy-reload', render), script('haproxy-keep-state', render)];
  return [
    ...installedPackages('haproxy', 'socat'),
    directory({ path: certificatesDirectory, mode: '0750', group: 'haproxy' }),
    directory({ path: stateDirectory, mode: '0700' }),
    ...scripts,
    ...balancersOn(instance.host).flatMap((balancer) =>
      balancerResources(balancer, instance, { topology, render }),
    ),
    stoppedUnit('haproxy.service'),
  ];
}

interface Rendering {
  readonly topology: Topology;
  readonly render: Render;
}

function balancerResources(
  balancer: Balancer,
  { host, settings, members }: Instance<HaproxySettings>,
  { topology, render }: Rendering,
): readonly Resource[] {
  const template = `haproxy/${balancer.name}.cfg.hbs`;
  const config = configFile({
    path: configOf(balancer),
    template,
    mode: '0640',
    group: 'haproxy',
    content: render(template, {
      maxConnections: maxConnections(balancer, settings),
      hardStopAfterSeconds:
        balancer.name === 'haproxy-api' ? settings.apiHardStopSeconds : settings.sqlHardStopSeconds,
      adminSocket: adminSocketOf(balancer),
      stateFile: `${stateDirectory}/${balancer.name}.state`,
      localPeer: host.name,
      peers: members
        .filter(({ roles }) => roles.includes(balancer.role))
        .map(({ name, addresses }) => ({
          name,
          address: `${inUrl(addresses.internal)}:${settings.peersPort}`,
        })),
      alive: { address: '127.0.0.1', port: alivePort(balancer, settings), path: '/alive' },
      listeners: listenerValues(balancer, topology),
    }),
  });
  const unit = configFile({
    path: `/etc/systemd/system/${unitOf(balancer)}`,
    template: 'haproxy/haproxy.service.hbs',
    content: render('haproxy/haproxy.service.hbs', {
      name: balancer.name,
      description: balancer.description,
      config: config.path,
      trackFile: frontOf(balancer, settings).trackFile,
    }),
  });
  const certificates = vipsOf(balancer, topology)
    .filter(({ tls }) => tls)
    .map((vip) => certificateFile(vip, topology, render));
  return [
    ...certificates,
    config,
    unit,
    runningUnit(unitOf(balancer), {
      restartOn: [unit.path],
      reloadOn: [config.path, ...certificates.map(({ path }) => path)],
      guarded: true,
    }),
  ];
}

function certificateFile(vip: ResolvedVip, { certificates }: Topology, render: Render): FileResource {
  const pair = certificates.vips[vip.name];
  if (!pair) {
    throw new McpError('invalid-inventory', `there is no certificate for the VIP ${vip.name}`, {
      hint: 'Run mcp certs init, or put yours beside the inventory.',
    });
  }
  const template = 'haproxy/vip.pem.hbs';
  return configFile({
    path: certificateOf(vip),
    template,
    mode: '0640',
    group: 'haproxy',
    content: render(template, { certificate: multiline(pair.certificate), key: multiline(pair.key) }),
  });
}

function script(name: string, render: Render): FileResource {
  const template = `haproxy/${name}.sh`;
  return configFile({ path: `/usr/lib/mcp/${name}`, template, mode: '0755', content: render(template, {}) });
}
