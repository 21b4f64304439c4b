import { foundContent, type ObservedState } from '../../model/observed.ts';
import type { ContentOf, Obstacle } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { ownAuthority } from '../../resources/openstack/index.ts';

/**
 * Hosts change one after the other, and services on each verify those on the others: whom a host will trust must be trusted
 * by all in some part already. From one authority to another the way goes over both.
 */
export function hostObstacles(
  instances: readonly Instance[],
  { cloud }: Pick<Topology, 'cloud'>,
  observed: ObservedState,
  contentOf: ContentOf,
): readonly Obstacle[] {
  const path = ownAuthority(cloud);
  const trusting = instances.map(({ host: { name } }) => {
    const wanted = contentOf(name, path);
    return { name, now: certificatesIn(foundContent(observed, { host: name, path }, wanted)), wanted };
  });
  const after = trusting.map(({ wanted }) => certificatesIn(wanted)).filter(({ size }) => size > 0);
  const others = trusting.filter(({ now }) => now.size > 0 && after.some((each) => areDisjoint(each, now)));
  const [first] = others;
  if (first === undefined) return [];
  const names = others.map(({ name }) => name).join(', ');
  return [
    {
      host: first.name,
      message: `${names} ${others.length === 1 ? 'trusts' : 'trust'} none of the authorities that hosts are to trust: services would refuse each other until all are changed`,
      hint: 'put the root that hosts trust now into ca.crt beside the new one, deploy, and take it out in a deploy of its own',
    },
  ];
}

const areDisjoint = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].every((each) => !other.has(each));

/** As they are written: a certificate is the same only where every byte is. */
const certificatesIn = (text = ''): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)].map(([, body = '']) =>
      body.replaceAll(/\s/g, ''),
    ),
  );
