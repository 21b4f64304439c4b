import { multiline } from '../../model/multiline.ts';
import { type FileResource, ownFileTemplate, type Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import {
  configFile,
  directory,
  installedPackages,
  isFirewallPart,
  ownFilesOn,
  runningUnit,
  task,
} from '../../resources/index.ts';
import { ownAuthority } from '../../resources/openstack/index.ts';
import { firewallValues } from './firewall.ts';
import { inspectionResources } from './inspection.ts';
import type { HostSettings } from './settings.ts';
import { timeValues } from './time.ts';

export const firewallRules = '/etc/mcp/firewall.nft';
export const chronyConfig = '/etc/chrony/chrony.conf';
const sysctlFile = '/etc/sysctl.d/80-mcp.conf';

/** What every host of a cloud has, whatever runs on it. */
export function hostResources(
  instance: Instance<HostSettings>,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  return [
    ...installedPackages('chrony', 'nftables', 'ca-certificates', 'python3'),
    directory({ path: '/etc/mcp' }),
    directory({ path: '/usr/lib/mcp' }),
    ...names(topology, render),
    ...authority(topology, render),
    configFile({
      path: '/etc/apt/apt.conf.d/52mcp-held-back',
      template: 'host/held-back.conf.hbs',
      comment: '//',
      content: render('host/held-back.conf.hbs', { packages: instance.settings.heldBackPackages }),
    }),
    ...kernelSettings(render),
    ...firewall(instance, topology, render),
    ...inspectionResources(instance, topology, render),
    ...clock(instance, render),
  ];
}

function names({ cloud, hosts, vips }: Topology, render: Render): readonly Resource[] {
  const named = vips.flatMap(({ address, hostname }) =>
    hostname === undefined ? [] : [{ address, hostname }],
  );
  return [
    configFile({
      path: '/etc/hosts',
      outlivesMembership: true,
      template: 'host/hosts.hbs',
      content: render('host/hosts.hbs', {
        cloud,
        hosts: hosts.map(({ name, addresses }) => ({ name, address: addresses.internal })),
        vips: named.length > 0 && named,
      }),
    }),
  ];
}

/** Services and operators on the hosts trust the authority that signed the certificates of VIPs and hosts. */
function authority({ cloud, certificates }: Topology, render: Render): readonly Resource[] {
  if (certificates.authority === undefined) return [];
  const file = configFile({
    path: ownAuthority(cloud),
    template: 'host/authority.crt.hbs',
    content: render('host/authority.crt.hbs', { certificate: multiline(certificates.authority) }),
    readElsewhere: true,
  });
  return [
    file,
    task({
      name: 'trust-authority',
      title: "trust the cloud's authority",
      script: 'update-ca-certificates >/dev/null\n',
      readsFiles: [file.path],
      when: 'before-units',
    }),
  ];
}

function kernelSettings(render: Render): readonly Resource[] {
  const settings = configFile({
    path: sysctlFile,
    template: 'host/sysctl.conf.hbs',
    content: render('host/sysctl.conf.hbs', {}),
  });
  const unit = configFile({
    path: '/etc/systemd/system/mcp-sysctl.service',
    template: 'host/mcp-sysctl.service.hbs',
    content: render('host/mcp-sysctl.service.hbs', { sysctlFile }),
  });
  return [settings, unit, runningUnit('mcp-sysctl.service', { restartOn: [settings.path, unit.path] })];
}

function firewall(instance: Instance<HostSettings>, topology: Topology, render: Render): readonly Resource[] {
  const parts = firewallPartsOn(instance, topology);
  const rules = configFile({
    path: firewallRules,
    template: 'host/firewall.nft.hbs',
    content: render('host/firewall.nft.hbs', {
      ...firewallValues(instance, topology),
      parts: parts.map(({ path }) => path),
    }),
  });
  const unit = configFile({
    path: '/etc/systemd/system/mcp-firewall.service',
    template: 'host/mcp-firewall.service.hbs',
    content: render('host/mcp-firewall.service.hbs', { rulesFile: firewallRules }),
  });
  const dropIn = configFile({
    path: '/etc/systemd/system/nftables.service.d/mcp.conf',
    template: 'host/nftables-drop-in.conf.hbs',
    content: render('host/nftables-drop-in.conf.hbs', { rulesFile: firewallRules }),
  });
  return [
    ...parts,
    rules,
    unit,
    dropIn,
    runningUnit('mcp-firewall.service', {
      restartOn: [unit.path],
      reloadOn: [rules.path, ...parts.map(({ path }) => path)],
      guarded: true,
    }),
  ];
}

/** Rules of the operator's own: they come and go with ours, so that what cuts the host off is taken back as ours is. */
export const firewallPartsOn = ({ host }: Instance, { inventory }: Topology): readonly FileResource[] =>
  ownFilesOn(host, inventory.overrides)
    .filter(isFirewallPart)
    .map(({ path, content }) => configFile({ path, content, mode: '0600', template: ownFileTemplate }));

function clock(instance: Instance<HostSettings>, render: Render): readonly Resource[] {
  const config = configFile({
    path: chronyConfig,
    outlivesMembership: true,
    template: 'host/chrony.conf.hbs',
    content: render('host/chrony.conf.hbs', timeValues(instance)),
  });
  const options = configFile({
    path: '/usr/lib/mcp/chrony-options',
    template: 'host/chrony-options.sh',
    mode: '0755',
    content: render('host/chrony-options.sh', {}),
  });
  const dropIn = configFile({
    path: '/etc/systemd/system/chrony.service.d/mcp.conf',
    template: 'host/chrony-drop-in.conf.hbs',
    content: render('host/chrony-drop-in.conf.hbs', {}),
  });
  const watched = [config, options, dropIn];
  return [
    ...watched,
    runningUnit('chrony.service', {
      restartOn: watched.map(({ path }) => path),
      outlivesMembership: true,
    }),
  ];
}
