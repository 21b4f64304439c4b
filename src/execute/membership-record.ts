import { z } from 'zod';
import type { DesiredHost } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import { networkNames, roles } from '../model/inventory.ts';
import type { Belonging, Member, Membership } from '../model/membership.ts';
import { releases } from '../model/release.ts';
import { programWith } from '../model/shell-program.ts';
import { belongingsOf } from '../resources/index.ts';
import announceBelongingsText from './announce-belongings.sh';
import recordMembersText from './record-members.sh';
import settleBelongingsText from './settle-belongings.sh';

/** Reads `/var/lib/mcp/members`; undefined where there is none. Throws McpError `command-failed` when it makes no sense. */
export function membershipFrom(text: string, host: string): Membership | undefined {
  if (text.trim() === '') return undefined;
  const parsed = membershipSchema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  throw new McpError('command-failed', `${host}: its record of who belongs to the cloud can't be read`, {
    host,
    hint: 'remove /var/lib/mcp/members there; the next deploy writes it again',
    cause: parsed.error,
  });
}

/** Reads `/var/lib/mcp/belongings`: a kind, a name and a service a line. */
export const belongingsFrom = (text: string): readonly Belonging[] =>
  text.split('\n').flatMap((line): readonly Belonging[] => {
    const [kind, name, service] = line.split(' ');
    const known = belongingKinds.find((each) => each === kind);
    return known === undefined || name === undefined || service === undefined
      ? []
      : [{ kind: known, name, service }];
  });

/**
 * Shell that puts a membership on record, in the folder of state. With it goes what a firewall reads of it: the
 * addresses of those who were forgotten, which it loads at once.
 */
export const membershipScript = (membership: Membership): string =>
  programWith(recordMembersText, {
    values: { members: JSON.stringify(membership), rules: shutOut(membership) },
  });

/** Shell that notes what a run is about to put on the host, beside what earlier ones did. */
export const announceBelongings = (desired: DesiredHost | undefined): string =>
  programWith(announceBelongingsText, { values: { belongings: linesOf(desired) } });

/** Shell that notes what is there now that a run has ended. */
export const settleBelongings = (desired: DesiredHost): string =>
  programWith(settleBelongingsText, { values: { belongings: linesOf(desired) } });

const linesOf = (desired: DesiredHost | undefined): string =>
  [...new Set(belongingsOf(desired).map(({ kind, name, service }) => `${kind} ${name} ${service}`))].join(
    '\n',
  );

function shutOut({ forgotten }: Membership): string {
  const addresses = [...new Set(forgotten.flatMap((member) => Object.values(member.addresses)))];
  const set = (name: string, elements: readonly string[]) =>
    elements.length === 0 ? [] : [`add element inet mcp ${name} { ${elements.join(', ')} }`];
  return [
    '# Written by mcp: hosts that left the cloud without being asked. They may still have all that they had.',
    ...set(
      'forgotten4',
      addresses.filter((address) => !address.includes(':')),
    ),
    ...set(
      'forgotten6',
      addresses.filter((address) => address.includes(':')),
    ),
  ].join('\n');
}

const belongingKinds = ['unit', 'directory', 'data', 'kept'] as const;

const perNetwork = z.record(z.enum(networkNames), z.string());

const memberSchema = z.object({
  name: z.string(),
  machine: z.string(),
  rack: z.string().optional(),
  roles: z.array(z.enum(roles)),
  addresses: perNetwork,
  interfaces: perNetwork,
  ssh: z.object({ user: z.string(), port: z.number() }),
  platform: z.object({ distribution: z.literal('debian'), release: z.enum(releases) }),
  maintenance: z.object({ since: z.string(), by: z.string(), reason: z.string() }).optional(),
});

const membershipSchema = z
  .object({
    generation: z.int().min(0),
    members: z.array(memberSchema),
    forgotten: z.array(memberSchema),
  })
  .transform(
    ({ generation, members, forgotten }): Membership => ({
      generation,
      members: members.map(memberFrom),
      forgotten: forgotten.map(memberFrom),
    }),
  );

/** Without what is not said of it. */
const memberFrom = ({ maintenance, ...member }: z.infer<typeof memberSchema>): Member => ({
  ...member,
  rack: member.rack,
  ...(maintenance === undefined ? {} : { maintenance }),
});

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
