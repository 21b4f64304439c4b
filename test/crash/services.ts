import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { z } from 'zod';
import type { Check } from '../../src/model/check.ts';
import { probeOutput, reachable } from '../../src/model/observed.ts';
import { defineService, type Service } from '../../src/model/service.ts';
import type { ScriptStep } from '../../src/model/step.ts';
import { type Instance, instancesOf, type Topology } from '../../src/model/topology.ts';
import { configFile, directory, installedPackages, runningUnit, task } from '../../src/resources/index.ts';
import type { LocalCloud } from './local-cloud.ts';

/**
 * Services with the shapes of the real ones: what every host has and a task applies, a cluster with a quorum that drains
 * at the fronts, who holds a VIP and is guarded, and fronts that are reloaded.
 */
export function crashServices(cloud: LocalCloud, version: number): readonly Service[] {
  const made = { cloud, version };
  return [base(made), cluster(made), keeper(made), front(made)];
}

interface Made {
  readonly cloud: LocalCloud;
  readonly version: number;
}

const common = { settings: z.object({}), sockets: () => [], gateSeconds: 20 };

/** Who runs the tests: files can have no other owner without root. */
const owned = {
  owner: userInfo().username,
  group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
};

const conf = ({ cloud, version }: Made, host: string, name: string) =>
  configFile({
    ...owned,
    path: cloud.at(host, `etc/${name}.conf`),
    content: `version ${version}\n# of ${name}\n`,
    template: name,
  });

const base = (made: Made): Service =>
  defineService({
    ...common,
    name: 'base',
    title: 'Base',
    roles: 'all',
    after: [],
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'none',
    resources: ({ host: { name } }) => {
      const file = conf(made, name, 'base');
      return [
        ...installedPackages('base-package'),
        file,
        task({
          name: 'base',
          title: 'apply base',
          script: `echo "apply base version ${made.version}" >>"$LAB/$HOST/acts"`,
          readsFiles: [file.path],
          when: 'before-units',
        }),
      ];
    },
    checks: () => [],
  });

const cluster = (made: Made): Service =>
  defineService({
    ...common,
    name: 'cluster',
    title: 'Cluster',
    roles: ['database'],
    after: ['base'],
    rolling: { first: 'one-by-one', later: 'one-by-one' },
    quorum: 'majority',
    data: [],
    resources: ({ host: { name } }) => {
      const file = conf(made, name, 'cluster');
      return [
        ...installedPackages('cluster-package'),
        directory({ ...owned, path: made.cloud.at(name, 'etc/cluster.d') }),
        file,
        runningUnit('cluster.service', { restartOn: [file.path] }),
      ];
    },
    validators: ({ host: { name } }) => {
      const { path } = conf(made, name, 'cluster');
      return [
        { name: 'cluster --check', program: 'grep', files: [path], script: `grep -q version "$TREE${path}"` },
      ];
    },
    probes: () => [marksProbe('cluster')],
    checks: (instances) => [runsCheck('cluster', instances), drainCheck(instances)],
    bootstrap: (instances, _topology, observed) =>
      instances.some(({ host }) => isActive('cluster', host.name, observed))
        ? undefined
        : {
            host: instances[0]?.host.name ?? '',
            unit: 'cluster.service',
            title: 'create the cluster',
            script: 'echo "create the cluster" >>"$LAB/$HOST/acts"; systemctl start cluster.service',
          },
    leave: ({ host }, topology) => [
      marking(host.name, 'drains', 'cluster'),
      ...frontsOf(topology).map((each) => marking(each, `drain ${host.name}`, `drain-${host.name}`)),
    ],
    join: ({ host }, topology) => [
      ...frontsOf(topology).map((each) => unmarking(each, `take ${host.name} back`, `drain-${host.name}`)),
      unmarking(host.name, 'is back', 'cluster'),
    ],
    forget: (gone, _staying, observed) =>
      [...observed.hosts.keys()]
        .filter((name) => name !== gone.host.name && reachable(observed, name) !== undefined)
        .map((name) => unmarking(name, `forget ${gone.host.name}`, `drain-${gone.host.name}`)),
  });

const keeper = (made: Made): Service =>
  defineService({
    ...common,
    name: 'keeper',
    title: 'Keeper',
    roles: ['proxy'],
    after: ['front'],
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'one',
    admitsClients: true,
    resources: ({ host: { name } }) => {
      const file = conf(made, name, 'keeper');
      return [file, runningUnit('keeper.service', { restartOn: [file.path], guarded: true })];
    },
    probes: () => [marksProbe('keeper')],
    checks: (instances) => [runsCheck('keeper', instances)],
    leave: ({ host }) => [marking(host.name, 'gives the VIP up', 'keeper')],
    join: ({ host }) => [unmarking(host.name, 'may hold the VIP', 'keeper')],
    // What an interrupted run left barred is allowed again, as Keepalived's does.
    settle: (instances, _topology, observed) =>
      instances
        .filter(({ host }) => marksOn('keeper', host.name, observed).includes('keeper'))
        .map(({ host }) => unmarking(host.name, 'may hold the VIP', 'keeper')),
  });

const front = (made: Made): Service =>
  defineService({
    ...common,
    name: 'front',
    title: 'Front',
    roles: ['proxy'],
    after: ['cluster'],
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'none',
    resources: ({ host: { name } }) => {
      const file = conf(made, name, 'front');
      return [
        ...installedPackages('front-package'),
        file,
        runningUnit('front.service', { reloadOn: [file.path] }),
      ];
    },
    probes: () => [marksProbe('front')],
    checks: (instances) => [runsCheck('front', instances)],
  });

const isActive = (service: string, host: string, observed: Parameters<Check['judge']>[0]): boolean =>
  reachable(observed, host)?.units.get(`${service}.service`)?.activeState === 'active';

const runsCheck = (service: string, instances: readonly Instance[]): Check => ({
  name: `${service}.runs`,
  service,
  title: 'every member runs',
  judge: (observed) =>
    instances
      .filter(({ host }) => !isActive(service, host.name, observed))
      .map(({ host }) => ({ severity: 'red', hosts: [host.name], message: `${service} does not run` })),
});

/** A member that is drained serves nobody. */
const drainCheck = (instances: readonly Instance[]): Check => ({
  name: 'cluster.serves',
  service: 'cluster',
  title: 'every member serves',
  judge: (observed) =>
    instances
      .filter(({ host }) => marksOn('cluster', host.name, observed).includes('cluster'))
      .map(({ host }) => ({ severity: 'red', hosts: [host.name], message: 'is drained' })),
});

const marksProbe = (service: string) => ({
  name: service,
  script: 'cd "$LAB/$HOST/var/mcp/marks" 2>/dev/null && echo * || :',
  deadlineSeconds: 600,
});

const marksOn = (service: string, host: string, observed: Parameters<Check['judge']>[0]) =>
  (probeOutput(observed, host, service) ?? '').trim().split(' ');

const frontsOf = (topology: Topology): readonly string[] =>
  instancesOf(topology, 'front').map(({ host }) => host.name);

const marking = (host: string, title: string, mark: string): ScriptStep => ({
  host,
  title,
  script: `mkdir -p "$LAB/$HOST/var/mcp/marks" && : >"$LAB/$HOST/var/mcp/marks/${mark}"`,
  timeoutSeconds: 20,
});

const unmarking = (host: string, title: string, mark: string): ScriptStep => ({
  host,
  title,
  script: `rm -f "$LAB/$HOST/var/mcp/marks/${mark}"`,
  timeoutSeconds: 20,
});
