import { z } from 'zod';
import { uwsgiShape, workersSetting } from '../../resources/openstack/index.ts';

const names = z.array(z.string().regex(/^[A-Za-z0-9_.-]+$/));

export const settings = z.strictObject({
  ...uwsgiShape({ port: 9696, processes: 4 }),
  rpcWorkers: workersSetting(1),
  mechanismDrivers: names
    .default(['openvswitch', 'l2population'])
    .describe('How networks get to the compute hosts; their agents must match'),
  typeDrivers: names.default(['flat', 'vlan', 'vxlan']).describe('Kinds of networks that may exist'),
  tenantNetworkTypes: names
    .default(['vxlan'])
    .describe('Kinds of networks that projects get, first choice first'),
  flatNetworks: names.default(['external']).describe('Physical networks without tags'),
  vlanRanges: z
    .array(z.string().regex(/^[A-Za-z0-9_.-]+(:\d+:\d+)?$/))
    .default([])
    .describe('Physical networks with the VLANs that may be used there, for example physnet1:100:199'),
  vxlanRange: z
    .string()
    .regex(/^\d+:\d+$/)
    .default('1:65535')
    .describe('Numbers of VXLAN networks'),
  servicePlugins: names
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
