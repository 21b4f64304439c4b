import type { FileResource, Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import { type Instance, type Topology, vipsHeldBy } from '../../model/topology.ts';
import {
  configFile,
  directory,
  installedPackages,
  maintenanceMark,
  marksDirectory,
  runningUnit,
} from '../../resources/index.ts';
import type { KeepalivedSettings } from './settings.ts';
import { frontsOn, vipValues } from './vip-values.ts';

const scriptNames = ['vrrp-notify', 'vrrp-alive', 'vrrp-isolated'];

export const keepalivedConfig = '/etc/keepalived/keepalived.conf';
export const keepalivedScripts = scriptNames.map((name) => `/usr/lib/mcp/${name}`);

/** Keepalived on a host that can hold a VIP; nothing where it can not. */
export function keepalivedResources(
  { host }: Instance<KeepalivedSettings>,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  if (vipsHeldBy(topology, host).length === 0) return [];
  const config = configFile({
    path: keepalivedConfig,
    template: 'keepalived/keepalived.conf.hbs',
    mode: '0600',
    content: render('keepalived/keepalived.conf.hbs', {
      host: host.name,
      maintenanceMark,
      ...vipValues(host, topology),
    }),
  });
  const dropIn = configFile({
    path: '/etc/systemd/system/keepalived.service.d/mcp.conf',
    template: 'keepalived/keepalived-drop-in.conf.hbs',
    content: render('keepalived/keepalived-drop-in.conf.hbs', {
      after: ['network-online.target', ...frontsOn(host, topology).map(({ unit }) => unit)],
      marksDirectory,
    }),
  });
  return [
    ...installedPackages('keepalived', 'iputils-ping', 'socat'),
    directory({ path: marksDirectory }),
    ...scriptNames.map((name) => script(name, render)),
    config,
    dropIn,
    runningUnit('keepalived.service', { restartOn: [dropIn.path], reloadOn: [config.path], guarded: true }),
  ];
}

const script = (name: string, render: Render): FileResource => {
  const template = `keepalived/${name}.hbs`;
  return configFile({ path: `/usr/lib/mcp/${name}`, template, mode: '0755', content: render(template, {}) });
};
