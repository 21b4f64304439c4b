import { join } from 'node:path';
import { z } from 'zod';
import { observeHosts, rollOut } from '../../src/execute/index.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { reachable } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Secret } from '../../src/model/secret.ts';
import { defineService } from '../../src/model/service.ts';
import type { Topology } from '../../src/model/topology.ts';
import type { Connect } from '../../src/model/transport.ts';
import { planChanges } from '../../src/plan/index.ts';
import { configFile, runningUnit, task } from '../../src/resources/index.ts';
import { describeHosts } from '../../src/workflows/describe-hosts.ts';
import { aTopology, hostNamed } from '../support/topology.ts';
import type { LocalHost } from './local-host.ts';

/** What is wanted of a service that is one file, one task and one unit. */
export interface Wanted {
  readonly value: string;
  readonly comment?: string;
  /** What the task does. */
  readonly task?: string;
  readonly guarded?: boolean;
  /** A second unit, acted on after the first. */
  readonly second?: string;
  /** What its judge does with what it sees, besides judging. */
  readonly onJudge?: () => void;
  readonly secrets?: ReadonlyMap<string, Secret>;
}

/** How a run ended, and what it told. */
export interface Outcome {
  readonly plan: Plan;
  readonly events: readonly ExecutionEvent[];
  readonly failure: McpError | undefined;
}

export interface RunWishes {
  readonly run?: string;
  readonly onEvent?: (event: ExecutionEvent, index: number) => void;
  readonly soft?: AbortSignal;
  readonly hard?: AbortSignal;
  /** How the host is reached anew; as ever unless said otherwise. */
  readonly connectAfresh?: Connect;
  /** Generation of the record of members that the plan was made from. */
  readonly recorded?: number;
  /** How fast the run's clock goes. */
  readonly secondsPerSecond?: number;
}

let runs = 0;

/** Observes, plans and rolls out, as `mcp deploy` does. */
export async function deploy(host: LocalHost, wanted: Wanted, wishes: RunWishes = {}): Promise<Outcome> {
  const { topology, desired, services } = alphaOn(host, wanted);
  const { connect } = host.fleet;
  const { connectAfresh = host.fleet.connectAfresh } = wishes;
  const observed = await observe(host, desired);
  const made = planChanges({ topology, services, desired, observed, overwriteDrift: false });
  const plan = { ...made, recorded: wishes.recorded ?? made.recorded };
  const events: ExecutionEvent[] = [];
  runs += 1;
  const run = wishes.run ?? `20260101T000000Z-${String(runs).padStart(6, '0')}`;
  const signals = { soft: wishes.soft ?? never, hard: wishes.hard ?? never };
  try {
    if (plan.batches.length > 0) {
      await rollOut({
        ...{ run, asked, plan, observed, desired, topology, services, connect, connectAfresh, signals },
        runDirectory: join(host.root, 'controller', run),
        paths: host.paths,
        clock: {
          ...systemClock,
          now: () => performance.now() * (wishes.secondsPerSecond ?? 1),
          sleep: () => systemClock.sleep(20),
        },
        emit(event) {
          events.push(event);
          wishes.onEvent?.(event, events.length);
        },
      });
    }
    return { plan, events, failure: undefined };
  } catch (failure) {
    if (failure instanceof McpError) return { plan, events, failure };
    throw failure;
  }
}

export const observe = (host: LocalHost, desired: DesiredState) =>
  observeHosts({
    ...{ desired, connect: host.fleet.connect, hosts: ['ctl01'], depth: 'everything', now: Date.now },
    paths: host.paths,
  });

/** Whoever runs these tests. */
export const asked = { verb: 'deploy', by: 'tester', from: 'workstation' };

const never = new AbortController().signal;

export function alphaOn(host: LocalHost, wanted: Wanted) {
  const services = [alpha(host, wanted)];
  const machine = hostNamed('ctl01', { address: '10.0.0.1', roles: ['control'] });
  const instance = { service: 'alpha', host: machine, settings: {}, members: [machine] };
  const topology: Topology = {
    ...aTopology({ hosts: [machine] }),
    instances: [instance],
    secrets: wanted.secrets ?? new Map(),
  };
  const desired = describeHosts(topology, services, {
    renderOn: () => () => '',
    overrideOn: (_host, resources) => resources,
  });
  return { topology, desired, services };
}

const alpha = (host: LocalHost, wanted: Wanted) => {
  const { value, comment = '', task: script = 'true', guarded = false, second } = wanted;
  const path = join(host.root, 'etc/alpha.conf');
  return defineService({
    name: 'alpha',
    title: 'Alpha',
    roles: 'all',
    after: [],
    settings: z.unknown(),
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'none',
    gateSeconds: 1,
    sockets: () => [],
    resources: () => [
      configFile({
        ...{ path, template: 'alpha.conf', mode: '0640', owner: host.owner, group: host.group },
        content: `# ${comment}\nvalue ${value}\n`,
      }),
      task({ name: 'alpha', title: 'prepare alpha', script, readsFiles: [path], when: 'before-units' }),
      ...['alpha.service', ...(second === undefined ? [] : [second])].map((unit) =>
        runningUnit(unit, { restartOn: [path], guarded }),
      ),
    ],
    validators: () => [
      {
        name: 'alpha --check',
        program: 'grep',
        files: [path],
        script: `if grep bad "$TREE${path}"; then exit 1; fi`,
      },
    ],
    settle: () => [],
    probes: () => [
      { name: 'alpha', script: `cat ${path} 2>/dev/null || echo not-installed`, deadlineSeconds: 5 },
    ],
    checks: () => [
      {
        name: 'alpha.well',
        service: 'alpha',
        title: 'Alpha is well',
        judge(observed) {
          wanted.onJudge?.();
          return reachable(observed, 'ctl01')?.probes.get('alpha')?.stdout.includes('sick') === true
            ? [{ severity: 'red', hosts: ['ctl01'], message: 'alpha is sick' }]
            : [];
        },
      },
    ],
    rest: {
      mark: () => 'echo mark >>"$LAB/acts"; touch "$LAB/mark"',
      unmark: () => 'echo unmark >>"$LAB/acts"; rm -f "$LAB/mark"',
    },
    carries: (_instance, _topology, observed) =>
      reachable(observed, 'ctl01')?.probes.get('alpha')?.stdout.includes('busy') === true
        ? ['works for others']
        : [],
    leave: () => [{ host: 'ctl01', title: 'leave', script: `echo leave >>"$LAB/acts"`, timeoutSeconds: 5 }],
    join: () => [{ host: 'ctl01', title: 'join', script: `echo join >>"$LAB/acts"`, timeoutSeconds: 5 }],
  });
};
