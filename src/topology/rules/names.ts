import { error } from '../../model/diagnostic.ts';
import { groupedBy, type Rule } from './rule.ts';

/** Hosts, and the machines that carry them, are told apart by name alone. */
export const sameName: Rule = ({ inventory, nodes }) => {
  const carriers = inventory.machines
    .filter(({ carriesNodes }) => carriesNodes)
    .map(({ name }) => ({ name, path: ['machines', name] }));
  const hosts = nodes.map(({ node, path }) => ({ name: node.name, path }));
  const vips = inventory.vips.flatMap(({ name, hostname }) =>
    hostname === undefined ? [] : [{ name: hostname, path: ['vips', name, 'hostname'] }],
  );
  return [...groupedBy([...carriers, ...hosts, ...vips], ({ name }) => name).values()].flatMap(
    ([first, ...others]) =>
      others.map(({ name, path }) =>
        error(
          path,
          `the name ${name} is used twice, also by ${first?.path.join('.')}`,
          'rename one of the two',
        ),
      ),
  );
};
