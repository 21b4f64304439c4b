import { z } from 'zod';
import type { DesiredState } from '../../src/model/desired.ts';
import type { Host } from '../../src/model/host.ts';
import { foundContent } from '../../src/model/observed.ts';
import type { Resource } from '../../src/model/resource.ts';
import { defineService, type Service } from '../../src/model/service.ts';
import type { Instance, Topology } from '../../src/model/topology.ts';
import { configFile, installedPackages, runningUnit, stoppedUnit, task } from '../../src/resources/index.ts';
import { describeHosts } from '../../src/workflows/describe-hosts.ts';
import { isUp } from './simulated-hosts.ts';
import { aTopology } from './topology.ts';

/** Which version of each service's texts is desired; a comment is text that means nothing to a unit. */
export interface Texts {
  readonly restart: number;
  readonly reload: number;
  readonly comment: number;
  readonly unitFile: number;
  /** How the cluster is come to, as the front does: 1 plainly, 3 by TLS, 2 either way, where clients choose TLS. */
  readonly ways?: number;
}

/** Who has the part that goes last. */
export interface Holders {
  readonly writer: string;
  readonly vip: string;
  /** A member of the cluster that runs and yet is not well. */
  readonly unwell?: string;
}

/** Three services with the shapes of the real ones: host basics, a cluster with a writer, fronts that hold a VIP. */
export function simulatedServices(texts: Texts, holders: Holders): readonly Service[] {
  return [base(texts), front(texts, holders), cluster(texts, holders)];
}

const common = { settings: z.object({}), sockets: () => [] };

const base = (texts: Texts): Service =>
  defineService({
    ...common,
    name: 'base',
    title: 'Base',
    roles: 'all',
    after: [],
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'none',
    resources: () => [
      ...installedPackages('base-package'),
      configFile({
        path: '/etc/base.conf',
        content: text('base', texts.comment, texts.restart),
        template: 'base',
      }),
      task({
        name: 'load',
        title: 'load',
        script: 'true',
        readsFiles: ['/etc/base.conf'],
        when: 'before-units',
      }),
    ],
    checks: () => [],
  });

const cluster = (texts: Texts, { writer, unwell }: Holders): Service =>
  defineService({
    ...common,
    name: 'cluster',
    title: 'Cluster',
    roles: ['database'],
    after: ['base'],
    rolling: { first: 'one-by-one', later: 'one-by-one' },
    quorum: 'majority',
    resources: () => [
      ...installedPackages('cluster-package'),
      ...clusterFiles(texts),
      runningUnit('cluster.service', {
        restartOn: ['/etc/cluster.conf', '/etc/systemd/system/cluster.service'],
      }),
      task({
        name: 'users',
        title: 'users',
        script: 'true',
        readsFiles: ['/etc/cluster.conf'],
        when: 'after-units',
      }),
    ],
    checks: (instances) => [unitCheck('cluster', 'cluster.service', instances), lagging(unwell)],
    order: (instances) => lastly(instances, writer),
    bootstrap: (instances, _topology, observed) =>
      instances.some(({ host }) => isUp(observed, host.name, 'cluster.service'))
        ? undefined
        : { host: instances[0]?.host.name ?? '', unit: 'cluster.service', title: 'create', script: 'create' },
    obstacles: strangers,
    capacity: (instance) => `cluster ${instance.members.length - 1} of ${instance.members.length}`,
  });

const clusterFiles = (texts: Texts): readonly Resource[] => [
  configFile({
    path: clusterConf,
    content: `${text('cluster', texts.comment, texts.restart)}${waysText(texts)}`,
    template: 'cluster',
    offers: /^way = /,
  }),
  configFile({
    path: '/etc/systemd/system/cluster.service',
    content: text('cluster unit', 0, texts.unitFile),
    template: 'cluster',
  }),
];

const clusterConf = '/etc/cluster.conf';

const waysText = ({ ways = 1 }: Texts): string =>
  `${ways < 3 ? 'way = plain\n' : ''}${ways > 1 ? 'way = tls\n' : ''}`;

/** Members that have no way in common, one as it runs and the other as it is to be. */
const strangers: NonNullable<Service['obstacles']> = (instances, _topology, observed, contentOf) => {
  const members = instances.map(({ host }) => {
    const after = contentOf(host.name, clusterConf);
    const now = foundContent(observed, { host: host.name, path: clusterConf }, after);
    return { host: host.name, after: linesIn(after), now: linesIn(now) };
  });
  // Of whom nothing is known nothing is said.
  const differ = (one: readonly string[] | undefined, other: readonly string[] | undefined): boolean =>
    one !== undefined && other !== undefined && !one.some((way) => other.includes(way));
  const apart = members.filter(({ host, after }) =>
    members.some((other) => other.host !== host && differ(other.now, after)),
  );
  return apart.map(({ host }) => ({
    host,
    message: `Cluster: ${host} would not understand the others`,
    hint: 'go by both ways first',
  }));
};

const linesIn = (content: string | undefined): readonly string[] | undefined =>
  content?.split('\n').filter((line) => line.startsWith('way = '));

const front = (texts: Texts, { vip }: Holders): Service =>
  defineService({
    ...common,
    name: 'front',
    title: 'Front',
    roles: ['proxy'],
    after: ['cluster'],
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'one',
    resources: () => [
      ...installedPackages('front-package'),
      configFile({
        path: '/etc/front.cfg',
        content: `${text('front', texts.comment, texts.reload)}uses = ${(texts.ways ?? 1) > 1 ? 'tls' : 'plain'}\n`,
        template: 'front',
      }),
      configFile({ path: frontDropIn, content: text('front drop-in', 0, 1), template: 'front' }),
      stoppedUnit('packaged-front.service'),
      runningUnit('front.service', { restartOn: [frontDropIn], reloadOn: ['/etc/front.cfg'] }),
    ],
    checks: (instances) => [unitCheck('front', 'front.service', instances)],
    order: (instances) => lastly(instances, vip),
  });

const frontDropIn = '/etc/systemd/system/front.service.d/mcp.conf';

export const text = (name: string, comment: number, version: number): string =>
  `# ${name}, explained ${comment} times\nversion = ${version}\n`;

export const lastly = <Settings>(
  instances: readonly Instance<Settings>[],
  host: string,
): readonly Instance<Settings>[] => [
  ...instances.filter((instance) => instance.host.name !== host),
  ...instances.filter((instance) => instance.host.name === host),
];

export const unitCheck = (
  service: string,
  unit: string,
  instances: readonly Instance[],
): ReturnType<Service['checks']>[number] => ({
  name: `${service}.runs`,
  service,
  title: 'every member runs',
  judge: (observed) =>
    instances
      .filter(({ host }) => !isUp(observed, host.name, unit))
      .map(({ host }) => ({ severity: 'red', hosts: [host.name], message: `${unit} does not run` })),
});

/** Hosts with these services on them; the five of the lab unless said otherwise. */
export function simulatedTopology(services: readonly Service[], hosts?: readonly Host[]): Topology {
  const topology = aTopology(hosts === undefined ? {} : { hosts });
  const instances = services.flatMap((service) => {
    const members = topology.hosts.filter(
      ({ roles }) => service.roles === 'all' || roles.some((role) => service.roles.includes(role)),
    );
    return members.map((host) => ({ service: service.name, host, settings: {}, members }));
  });
  return { ...topology, instances };
}

/** What these services want on every host. */
export const simulatedDesire = (topology: Topology, services: readonly Service[]): DesiredState =>
  describeHosts(topology, services, {
    renderOn: () => () => '',
    overrideOn: (_host, resources) => resources,
  });

const lagging = (unwell: string | undefined): ReturnType<Service['checks']>[number] => ({
  name: 'cluster.synced',
  service: 'cluster',
  title: 'every member is in sync',
  judge: () => (unwell === undefined ? [] : [{ severity: 'red', hosts: [unwell], message: 'lags behind' }]),
});
