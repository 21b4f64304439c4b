import type { Check, Finding } from '../model/check.ts';
import type { Member, Membership } from '../model/membership.ts';
import type { Topology } from '../model/topology.ts';

/** What records say of who belongs, beside what the inventory says. */
interface Known {
  readonly recorded: Membership | undefined;
  /** Forgotten hosts that answer, and still have what they had. */
  readonly returned: readonly Member[];
}

/** Nobody is in the cloud who is not in the inventory, and nobody who was forgotten has come back with what he had. */
export const membershipCheck = ({ recorded, returned }: Known, { hosts }: Topology): Check => ({
  name: 'membership.strangers',
  service: 'membership',
  title: 'nobody belongs to the cloud who is not in the inventory',
  judge: () => [
    ...returned.map(
      ({ name, addresses }): Finding => ({
        severity: 'red',
        hosts: [name],
        message: `it was forgotten and is back at ${addresses.management} with all that it had; the others do not listen to it`,
        hint: 'Run mcp deploy: it takes from it what it has of the cloud. Or switch it off.',
      }),
    ),
    ...(recorded?.members ?? [])
      .filter(({ name }) => hosts.every((host) => host.name !== name))
      .map(
        ({ name }): Finding => ({
          severity: 'warning',
          hosts: [name],
          message: 'it is no longer in the inventory, and belongs to the cloud until the next deploy',
          hint: 'Run mcp plan to see how it leaves.',
        }),
      ),
  ],
});
