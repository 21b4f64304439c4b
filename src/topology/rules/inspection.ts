import { error } from '../../model/diagnostic.ts';
import type { Rule } from './rule.ts';

/** What inspects is none of what is inspected: a copy to one of our own would be copied again. */
export const inspectionOfOurselves: Rule = ({ inventory, nodes }) => {
  const { inspection, vips } = inventory;
  if (inspection === undefined) return [];
  const owner =
    nodes.find(({ node }) => Object.values(node.addresses).includes(inspection.address))?.node.name ??
    vips.find(({ address }) => address === inspection.address)?.name;
  if (owner === undefined) return [];
  return [
    error(
      ['inspection', 'address'],
      `${inspection.address} is the address of ${owner}: the copy must leave the cloud`,
      'name the host of the security domain that records it',
    ),
  ];
};
