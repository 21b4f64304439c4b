import { error } from '../../model/diagnostic.ts';
import { type Role, roles } from '../../model/inventory.ts';
import { carriersOf, groupedBy, listed, type Rule } from './rule.ts';

/** The roles whose members vote: without a majority of them nothing is served. */
const votingRoles: readonly Role[] = ['database', 'messaging'];

/** A service needs a host with one of its roles. */
export const roleNobodyCarries: Rule = (input) =>
  roles.flatMap((role) => {
    const needing = input.services.filter(
      (service) => service.roles !== 'all' && service.roles.includes(role),
    );
    if (needing.length === 0 || carriersOf(role, input).length > 0) return [];
    const titles = listed(needing.map(({ title }) => title));
    const verb = needing.length === 1 ? 'needs' : 'need';
    return [
      error(
        ['machines'],
        `no machine carries the role ${role}, which ${titles} ${verb}`,
        `give machines the role ${role}`,
      ),
    ];
  });

/** An even or too small quorum is no safer than one member less. */
export const quorumSize: Rule = (input) =>
  votingRoles.flatMap((role) => {
    const names = carriersOf(role, input).map(({ node }) => node.name);
    const count = names.length;
    if (count === 0 || (count >= 3 && count % 2 === 1)) return [];
    const hint =
      count < 3
        ? `give ${3 - count} more of the machines the role`
        : 'add a machine with the role, or take it from one';
    return [
      error(
        ['machines'],
        `${count} ${count === 1 ? 'host carries' : 'hosts carry'} ${role} (${listed(names)}): a quorum needs an odd number, 3 at least`,
        hint,
      ),
    ];
  });

/** What does not vote needs a second host to go on with. */
export const tooFewForFailover: Rule = (input) =>
  roles
    .filter((role) => !votingRoles.includes(role))
    .flatMap((role) => {
      const carriers = carriersOf(role, input);
      if (carriers.length !== 1) return [];
      return [
        error(
          ['machines'],
          `only ${carriers[0]?.node.name} carries ${role}: nothing takes over when it fails`,
          'give one more of the machines the role',
        ),
      ];
    });

/** Members of one service speak to each other, and one release at a time is promised to understand another. */
export const mixedReleases: Rule = (input) => {
  const odd = roles.flatMap((role) => {
    const releases = [
      ...groupedBy(carriersOf(role, input), ({ node }) => node.platform.release).entries(),
    ].toSorted(([, some], [, others]) => others.length - some.length);
    const [[usual] = []] = releases;
    return releases
      .slice(1)
      .flatMap(([release, members]) =>
        members.map(({ node, path }) => ({ name: node.name, path, role, release, usual })),
      );
  });
  return [...groupedBy(odd, ({ name }) => name).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [
      error(
        [...first.path, 'platform'],
        `${first.name} runs ${first.release} and other hosts with ${listed(same.map(({ role }) => role))} run ${first.usual}`,
        'let all hosts of a role run one release',
      ),
    ];
  });
};
