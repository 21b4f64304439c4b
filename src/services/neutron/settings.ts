import { z } from 'zod';
import { uwsgiShape, workersSetting } from '../../resources/openstack/index.ts';

/** What Debian's Neutron brings; whatever else is installed beside it goes into overrides of ml2_conf.ini and neutron.conf. */
const types = z.enum(['local', 'flat', 'vlan', 'gre', 'vxlan', 'geneve']);
const drivers = z.enum([
  'openvswitch',
  'l2population',
  'linuxbridge',
  'macvtap',
  'sriovnicswitch',
  'ovn',
  'logger',
]);
const plugins = z.enum([
  'auto_allocate',
  'conntrack_helper',
  'flavors',
  'local_ip',
  'log',
  'metering',
  'ndp_proxy',
  'network_ip_availability',
  'network_segment_range',
  'ovn-router',
  'placement',
  'port_forwarding',
  'qos',
  'revisions',
  'router',
  'segments',
  'tag',
  'timestamp',
  'trunk',
]);

export const settings = z.strictObject({
  ...uwsgiShape({ port: 9696, processes: 4 }),
  rpcWorkers: workersSetting(1),
  mechanismDrivers: z
    .array(drivers)
    .min(1)
    .default(['openvswitch', 'l2population'])
    .describe('How networks get to the compute hosts; their agents must match'),
  typeDrivers: z
    .array(types)
    .min(1)
    .default(['flat', 'vlan', 'vxlan'])
    .describe('Kinds of networks that may exist'),
  tenantNetworkTypes: z
    .array(types)
    .default(['vxlan'])
    .describe('Kinds of networks that projects get, first choice first'),
  flatNetworks: z
    .array(z.string().regex(/^(\*|[A-Za-z0-9_.-]+)$/, 'must be the name of a physical network, or * for any'))
    .default(['external'])
    .describe('Physical networks without tags; * is any'),
  vlanRanges: z
    .array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9_.-]+(:\d{1,4}:\d{1,4})?$/,
          'must be a physical network, or one with its first and last VLAN: physnet1:100:199',
        ),
    )
    .default([])
    .describe('Physical networks with the VLANs that may be used there, for example physnet1:100:199'),
  vxlanRange: z
    .string()
    .regex(/^\d{1,8}:\d{1,8}$/, 'must be the first and the last number: 1:65535')
    .default('1:65535')
    .describe('Numbers of VXLAN networks; of GRE and Geneve networks too, where those are among typeDrivers'),
  servicePlugins: z
    .array(plugins)
    .default(['router', 'metering', 'qos'])
    .describe('What Neutron offers beyond networks'),
  networkMtu: z
    .int()
    .min(1280)
    .max(9216)
    .default(1500)
    .describe('MTU of the physical networks; overlays get what is left of it'),
});

export type NeutronSettings = z.infer<typeof settings>;
