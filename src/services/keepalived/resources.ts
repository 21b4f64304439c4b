import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import { type Instance, type Topology, vipsHeldBy } from '../../model/topology.ts';
import {
  configFile,
  directory,
  installedPackages,
  maintenanceMark,
  marksDirectory,
  type PythonProgram,
  programPaths,
  programResources,
  runningUnit,
} from '../../resources/index.ts';
import type { KeepalivedSettings } from './settings.ts';
import { frontsOn, vipValues } from './vip-values.ts';

export const keepalivedConfig = '/etc/keepalived/keepalived.conf';
export const notifyScript = '/usr/lib/mcp/vrrp-notify';
export const watchUnit = 'mcp-vip-watch.service';

export const watchProgram: PythonProgram = {
  path: '/usr/lib/mcp/vip-watch',
  template: 'keepalived/vip-watch',
  modules: [
    'arp',
    'asking',
    'claims',
    'configuration',
    'echo',
    'exchange',
    'fronts',
    'kernel',
    'message',
    'roll_call',
    'side',
    'solicitation',
    'stations',
    'tell',
    'track_file',
    'verdict',
    'watch',
    'wire',
    'witnesses',
    'writers',
  ],
};

const watch = {
  config: '/etc/mcp/vip-watch.json',
  unit: `/etc/systemd/system/${watchUnit}`,
};

/** Keepalived on a host that can hold a VIP; nothing where it can not. */
export function keepalivedResources(
  { host }: Instance<KeepalivedSettings>,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  if (vipsHeldBy(topology, host).length === 0) return [];
  const values = vipValues(host, topology);
  const config = configFile({
    path: keepalivedConfig,
    template: 'keepalived/keepalived.conf.hbs',
    mode: '0600',
    content: render('keepalived/keepalived.conf.hbs', { host: host.name, maintenanceMark, ...values }),
  });
  const dropIn = configFile({
    path: '/etc/systemd/system/keepalived.service.d/mcp.conf',
    template: 'keepalived/keepalived-drop-in.conf.hbs',
    content: render('keepalived/keepalived-drop-in.conf.hbs', {
      after: ['network-online.target', watchUnit, ...frontsOn(host, topology).map(({ unit }) => unit)],
      watchUnit,
      marksDirectory,
    }),
  });
  return [
    ...installedPackages('keepalived', 'python3', 'socat'),
    directory({ path: marksDirectory }),
    directory({ path: '/etc/mcp' }),
    ...watchResources(values, render),
    configFile({
      path: notifyScript,
      template: 'keepalived/vrrp-notify.sh',
      mode: '0755',
      content: render('keepalived/vrrp-notify.sh', {}),
    }),
    config,
    dropIn,
    // A reload of 2.2.7 sets its limit of real time to 0 and, where it may not raise it again (a container), the kernel
    // kills it at its next turn. Its VIPs are elsewhere while it is worked on, so that a restart costs nothing.
    runningUnit('keepalived.service', { restartOn: [dropIn.path, config.path], guarded: true }),
  ];
}

/** The watch before Keepalived, which would take no VIP without its word. */
function watchResources(
  { fronts, networks, contested, databases, searches, writers }: ReturnType<typeof vipValues>,
  render: Render,
): readonly Resource[] {
  const config = 'keepalived/vip-watch.json.hbs';
  const unit = `keepalived/${watchUnit}.hbs`;
  return [
    ...programResources(watchProgram, render),
    configFile({
      path: watch.config,
      template: config,
      comment: 'none',
      content: render(config, { fronts, networks, contested, databases, searches, writers }),
    }),
    configFile({
      path: watch.unit,
      template: unit,
      content: render(unit, { program: watchProgram.path, config: watch.config }),
    }),
    runningUnit(watchUnit, { restartOn: [...programPaths(watchProgram), watch.config, watch.unit] }),
  ];
}
