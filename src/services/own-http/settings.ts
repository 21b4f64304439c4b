import { z } from 'zod';
import { address } from '../../model/address-shape.ts';
import { roles } from '../../model/inventory.ts';

const port = z.int().min(1).max(65_535);

const urlPath = z
  .string()
  .max(200)
  .regex(/^\/[A-Za-z0-9/._~%()$?=&:@-]*$/, 'must be a path that begins with a slash');

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a short name: lower-case letters, digits and hyphens');

const service = z.strictObject({
  port: port.describe('Port of it on the VIPs, and on its servers unless serverPort says otherwise'),
  serverPort: port
    .optional()
    .describe('Port on its servers, on the hosts’ own internal addresses; by default port'),
  check: z
    .strictObject({
      path: urlPath.default('/healthcheck').describe('Where the load balancers ask each server'),
      expect: z.int().min(100).max(599).default(200).describe('The status that says it can work'),
    })
    .prefault({})
    .describe('How it is seen that a server works; whoever asks through a VIP must get the same'),
  servers: z
    .union(
      [
        z.strictObject({ role: z.enum(roles).describe('Every host with this role') }),
        z.strictObject({ hosts: z.array(z.string()).min(1).describe('These hosts of the inventory') }),
        z.strictObject({
          addresses: z.array(address).min(1).describe('Machines that no inventory of ours names'),
        }),
      ],
      'must be one of { role: ROLE }, { hosts: [NAME] } and { addresses: [ADDRESS] }, with what there is',
    )
    .describe('Who serves it: `role`, `hosts` or `addresses`'),
  public: z.boolean().default(true).describe('Whether the proxies offer it on the public VIP too'),
  catalogue: z
    .strictObject({
      type: name.describe('What clients look for: volumev3, orchestration, object-store'),
      path: urlPath
        .or(z.literal(''))
        .default('')
        .describe('What follows host and port in its addresses: /v3/%(project_id)s'),
      description: z
        .string()
        .regex(/^[A-Za-z0-9 .,()-]{0,100}$/, 'must be plain words')
        .default('')
        .describe('What it is, in a few words'),
    })
    .optional()
    .describe('Its entry in the catalogue of Keystone; none unless given'),
});

export const ownHttpSettings = z.strictObject({
  services: z
    .record(name, service)
    .default({})
    .describe('HTTP services that mcp does not deploy, by name, to be offered behind both load balancers'),
});

export type OwnHttpSettings = z.infer<typeof ownHttpSettings>;
export type OwnHttpService = OwnHttpSettings['services'][string];
