import { z } from 'zod';
import { cidr } from '../../model/address-shape.ts';
import { networkNames } from '../../model/inventory.ts';
import { domainName, hostName, interfaceName, word } from '../values.ts';

/** A network as it is answered in one word. */
const network = z
  .string()
  .regex(/^[^:]+:[^:]+$/, 'must be NETWORK:INTERFACE, such as 10.20.0.0/24:bond0')
  .transform((text) => {
    const [written = '', device = ''] = text.split(':');
    return { cidr: written, interface: device };
  })
  .pipe(z.strictObject({ cidr, interface: interfaceName }));

const counts = ['3', '5', '11'] as const;

/** What `mcp init` has to know before it can write an inventory, as it is typed. */
export const beginningShape = z.strictObject({
  machines: z.enum(counts, { error: `must be one of ${counts.join(', ')}` }),
  cloud: hostName,
  domain: domainName,
  management: network,
  internal: network.optional(),
  public: network.optional(),
  replication: network.optional(),
  user: word.default('root'),
});

export type Beginning = z.output<typeof beginningShape>;
export type Question = keyof Beginning;

/** Networks with the addresses that a draft gives away in them; those left out fall back to management. */
export const networksOf = (beginning: Beginning) =>
  networkNames.flatMap((name) => {
    const found = beginning[name];
    return found === undefined ? [] : [{ name, ...found }];
  });
