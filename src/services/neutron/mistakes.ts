import { type Diagnostic, error } from '../../model/diagnostic.ts';
import type { NeutronInstance } from './names.ts';
import type { NeutronSettings } from './settings.ts';

/** What Neutron itself would refuse when it starts, or what no project could ever get a network of. */
export function neutronMistakes([first]: readonly NeutronInstance[]): readonly Diagnostic[] {
  if (first === undefined) return [];
  const { settings } = first;
  return [...rangesOf(settings), ...tenantTypesOf(settings), ...goneWith(first), ...needsOvn(settings)];
}

/** As its type drivers check them. */
const lastVlan = 4094;
const lastVni = 16_777_215;

function rangesOf({ vlanRanges, vxlanRange }: NeutronSettings): readonly Diagnostic[] {
  const vlans = vlanRanges.flatMap((range, index) => {
    const [, first, last] = range.split(':');
    if (first === undefined || isRange(Number(first), Number(last), lastVlan)) return [];
    return [
      error(
        ['vlanRanges', index],
        `${range} is no range of VLANs`,
        `count up, from 1 to ${lastVlan} at most`,
      ),
    ];
  });
  const [first, last] = vxlanRange.split(':').map(Number);
  if (isRange(first, last, lastVni)) return vlans;
  const hint = `count up, from 1 to ${lastVni} at most`;
  return [...vlans, error(['vxlanRange'], `${vxlanRange} is no range of VXLAN networks`, hint)];
}

const isRange = (first = 0, last = 0, largest: number): boolean =>
  1 <= first && first <= last && last <= largest;

const tenantTypesOf = ({
  tenantNetworkTypes,
  typeDrivers,
  vlanRanges,
}: NeutronSettings): readonly Diagnostic[] =>
  tenantNetworkTypes.flatMap((type, index) => {
    const place = ['tenantNetworkTypes', index];
    if (!typeDrivers.includes(type)) {
      return [error(place, `${type} is not among the typeDrivers`, `add ${type} there, or remove it here`)];
    }
    if (type === 'flat') {
      return [error(place, 'projects can have no flat networks', 'name vxlan or vlan')];
    }
    if (type === 'vlan' && vlanRanges.every((range) => !range.includes(':'))) {
      return [
        error(place, 'there are no VLANs that projects could get', "add `vlanRanges: ['physnet1:100:199']`"),
      ];
    }
    return [];
  });

/** Neutron 26, which is Debian 13's, has it no more. */
function goneWith({
  host: { platform },
  settings: { mechanismDrivers },
}: NeutronInstance): readonly Diagnostic[] {
  const index = mechanismDrivers.indexOf('linuxbridge');
  if (index < 0 || platform.release === 'bookworm') return [];
  const message = `${platform.distribution} ${platform.release} has no linuxbridge any more`;
  return [error(['mechanismDrivers', index], message, 'use openvswitch')];
}

/**
 * Neutron with OVN answers nothing until it reaches OVN's two databases, and from Debian 13 on wants a maintenance worker
 * beside them: neither is among what is deployed here.
 */
const needsOvn = ({ mechanismDrivers, servicePlugins }: NeutronSettings): readonly Diagnostic[] => [
  ...ofOvn('mechanismDrivers', mechanismDrivers.indexOf('ovn')),
  ...ofOvn('servicePlugins', servicePlugins.indexOf('ovn-router')),
];

const ofOvn = (setting: string, index: number): readonly Diagnostic[] =>
  index < 0
    ? []
    : [
        error(
          [setting, index],
          'mcp does not deploy the databases of OVN',
          'take it out; who runs OVN says it in overrides of ml2_conf.ini and neutron.conf, with [ovn] ovn_nb_connection and ovn_sb_connection',
        ),
      ];
