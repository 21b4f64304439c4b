import { join } from 'node:path';
import { z } from 'zod';
import { earlierFilesOn, observeHosts, rollOut, runsOn } from '../../src/execute/index.ts';
import { systemClock, type Undoing } from '../../src/execute/run-context.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import type { Asked } from '../../src/model/lock.ts';
import { membershipIn, reachable } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import { runsIn } from '../../src/model/run.ts';
import type { Secret } from '../../src/model/secret.ts';
import { defineService } from '../../src/model/service.ts';
import type { Topology } from '../../src/model/topology.ts';
import type { Connect } from '../../src/model/transport.ts';
import { earlierState, planChanges, runsToUndo } from '../../src/plan/index.ts';
import { configFile, runningUnit, task } from '../../src/resources/index.ts';
import { refuse } from '../../src/workflows/deploy.ts';
import { describeHosts } from '../../src/workflows/describe-hosts.ts';
import { aTopology, hostNamed } from '../support/topology.ts';
import type { LocalHost } from './local-host.ts';

/** A local host, however it is reached. */
export type DeployedHost = Pick<LocalHost, 'root' | 'paths' | 'owner' | 'group'> & {
  readonly fleet: Pick<LocalHost['fleet'], 'connect' | 'connectAfresh'>;
};

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
  /** Whether runs put on record who belongs to the cloud. */
  readonly hasMembers?: boolean;
  /** How long the gate after it may take; 1 unless said otherwise. */
  readonly gateSeconds?: number;
  /** Content of a second file that the unit reads, too; undefined: there is none. */
  readonly extra?: string;
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
  /** Files that somebody edited are replaced. */
  readonly overwriteDrift?: boolean;
  /** Generation of the record of members that the plan was made from. */
  readonly recorded?: number;
  /** How fast the run's clock goes. */
  readonly secondsPerSecond?: number;
}

let runs = 0;

/** Observes, plans and rolls out, as `mcp deploy` does. */
export async function deploy(host: DeployedHost, wanted: Wanted, wishes: RunWishes = {}): Promise<Outcome> {
  const { desired } = alphaOn(host, wanted);
  return carryOut(host, wanted, { wishes, desired, asked });
}

/** Takes a run back and all that came after it, as `mcp rollback` does; resolves with what was in the way, too. */
export async function rollBack(
  host: DeployedHost,
  wanted: Wanted,
  { run, ...wishes }: RunWishes & { readonly run: string },
) {
  const reaching = { connect: host.fleet.connect, paths: host.paths };
  const runs = runsIn(await runsOn('ctl01', reaching));
  const named = runs.find((each) => each.run === run);
  if (named === undefined) throw new Error(`no run ${run} is kept`);
  const undone = runsToUndo(named, { runs, hosts: ['ctl01'], silent: [] });
  const { desired: today } = alphaOn(host, wanted);
  const earlier = await earlierFilesOn('ctl01', undone.byHost.get('ctl01') ?? [], reaching);
  const state = earlierState(today, await observe(host, today), new Map([['ctl01', earlier]]));
  const obstacles = [...undone.obstacles, ...state.obstacles];
  const outcome =
    obstacles.length > 0
      ? undefined
      : await carryOut(host, wanted, {
          wishes,
          desired: state.desired,
          asked: { ...asked, verb: 'rollback' },
          undoing: undone,
        });
  return { obstacles, refusals: state.refusals, outcome };
}

interface CarryingOut {
  readonly wishes: RunWishes;
  readonly desired: DesiredState;
  readonly asked: Asked;
  readonly undoing?: Undoing;
}

async function carryOut(
  host: DeployedHost,
  wanted: Wanted,
  { wishes, desired, asked: by, undoing }: CarryingOut,
): Promise<Outcome> {
  const { topology, services } = alphaOn(host, wanted);
  const { connect } = host.fleet;
  const { connectAfresh = host.fleet.connectAfresh } = wishes;
  const observed = await observe(host, desired);
  const made = planChanges({
    ...{ topology, services, desired, observed, overwriteDrift: wishes.overwriteDrift ?? false },
    ...(wanted.hasMembers === true
      ? { membership: { recorded: membershipIn(observed, topology.cloud), all: topology } }
      : {}),
  });
  const plan = { ...made, recorded: wishes.recorded ?? made.recorded };
  const events: ExecutionEvent[] = [];
  runs += 1;
  const run = wishes.run ?? `20260101T000000Z-${String(runs).padStart(6, '0')}`;
  const signals = { soft: wishes.soft ?? never, hard: wishes.hard ?? never };
  try {
    refuse(plan);
    if (plan.batches.length > 0) {
      await rollOut({
        ...{ run, plan, observed, desired, topology, services, connect, connectAfresh, signals },
        ...{ asked: by, ...(undoing === undefined ? {} : { undoing }) },
        runDirectory: join(host.root, 'controller', run),
        paths: host.paths,
        clock: {
          ...systemClock,
          now: () => performance.now() * (wishes.secondsPerSecond ?? 1),
          sleep: (milliseconds) => systemClock.sleep(milliseconds / (wishes.secondsPerSecond ?? 50)),
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

export const observe = (host: DeployedHost, desired: DesiredState) =>
  observeHosts({
    ...{ desired, connect: host.fleet.connect, hosts: ['ctl01'], depth: 'everything', now: Date.now },
    paths: host.paths,
  });

/** Whoever runs these tests. */
export const asked = {
  ...{ verb: 'deploy', by: 'tester', from: 'workstation' },
  commit: { hash: 'a'.repeat(40), committedAt: '2026-01-01T10:00:00Z', dirty: false },
};

const never = new AbortController().signal;

export function alphaOn(host: DeployedHost, wanted: Wanted) {
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

const alpha = (host: DeployedHost, wanted: Wanted) => {
  const { value, comment = '', task: script = 'true', guarded = false, second, gateSeconds = 1 } = wanted;
  const path = join(host.root, 'etc/alpha.conf');
  const extraPath = join(host.root, 'etc/extra.conf');
  const extra = wanted.extra === undefined ? [] : [{ path: extraPath, content: wanted.extra }];
  const read = [path, ...extra.map((file) => file.path)];
  return defineService({
    name: 'alpha',
    title: 'Alpha',
    roles: 'all',
    after: [],
    settings: z.unknown(),
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'none',
    gateSeconds,
    sockets: () => [],
    resources: () => [
      configFile({
        ...{ path, template: 'alpha.conf', mode: '0640', owner: host.owner, group: host.group },
        content: `# ${comment}\nvalue ${value}\n`,
      }),
      ...extra.map((file) =>
        configFile({ ...file, template: 'extra.conf', owner: host.owner, group: host.group }),
      ),
      task({ name: 'alpha', title: 'prepare alpha', script, readsFiles: [path], when: 'before-units' }),
      ...['alpha.service', ...(second === undefined ? [] : [second])].map((unit) =>
        runningUnit(unit, { restartOn: read, guarded }),
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
