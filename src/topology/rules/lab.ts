import { error } from '../../model/diagnostic.ts';
import type { Rule } from './rule.ts';

/** A lab's hosts live in its network namespace: working elsewhere could reach real hosts with the same addresses. */
export const labNamespace: Rule = ({ inventory, nodes }) => {
  const { lab } = inventory;
  if (!lab) return [];
  const astray = [
    { ssh: inventory.ssh, path: ['ssh', 'namespace'] },
    ...nodes
      .filter(({ node }) => node.ssh.namespace !== inventory.ssh.namespace)
      .map(({ node, path }) => ({ ssh: node.ssh, path: [...path, 'ssh', 'namespace'] })),
  ].filter(({ ssh }) => ssh.namespace !== lab.name);
  return astray.map(({ ssh, path }) =>
    error(
      path,
      `is ${ssh.namespace ?? 'not set'}, but the lab's namespace is ${lab.name}`,
      `write ${lab.name}`,
    ),
  );
};
