import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { recoverServices } from '../../src/execute/index.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { numbered, planWith, quietBatch } from '../../src/model/plan.ts';
import type { RecoveryStage } from '../../src/model/recovery.ts';
import { alphaOn, asked, deploy, observe } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';

vi.setConfig({ testTimeout: 300_000 });

const never = new AbortController().signal;
let runs = 0;

/** Two stages, the second of which ends what the first has begun. */
const stages: readonly RecoveryStage[] = ['stop', 'form'].map((act) => ({
  title: `${act} alpha`,
  steps: [1, 2].map((number) => ({
    ...{ host: 'ctl01', title: `${act} ${number}`, timeoutSeconds: 5 },
    script: `[ -e "$LAB/${act}-${number}" ] || echo '${act} ${number}' >>"$LAB/acts"; touch "$LAB/${act}-${number}"`,
  })),
}));

async function recover(
  host: LocalHost,
  onEvent: (event: ExecutionEvent, index: number) => void = () => undefined,
  isStillOut = true,
): Promise<void> {
  const { topology, desired, services } = alphaOn(host, { value: '1' });
  const observed = await observe(host, desired);
  const batches = numbered(
    stages.map(({ title }) => quietBatch('alpha', title, [{ host: 'ctl01', steps: [] }])),
  );
  const { connect, connectAfresh } = host.fleet;
  const run = `20260101T000000Z-${String(++runs).padStart(6, '0')}`;
  const began = performance.now();
  let events = 0;
  await recoverServices(
    {
      ...{ topology, desired, services, observed, connect, connectAfresh, run, asked, paths: host.paths },
      plan: planWith('lab', batches),
      runDirectory: join(host.root, 'controller', run),
      signals: { soft: never, hard: never },
      clock: {
        now: () => (performance.now() - began) * 100,
        wallClock: Date.now,
        sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
      },
      emit: (event) => onEvent(event, ++events),
    },
    new Map(batches.flatMap((batch, index) => entryOf(batch, stages[index]))),
    () => isStillOut,
  );
}

const entryOf = <Key>(key: Key, stage: RecoveryStage | undefined): [Key, RecoveryStage][] =>
  stage === undefined ? [] : [[key, stage]];

test.concurrent('one stage after the other, the steps of a host in their order, and told as a run', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const told: string[] = [];
  await recover(host, (event) => told.push(event.type));
  expect(host.acts().slice(-4)).toEqual(['stop 1', 'stop 2', 'form 1', 'form 2']);
  expect(told.filter((type) => type === 'batch-finished')).toHaveLength(2);
  expect(told.at(-1)).toBe('rollout-finished');
});

test.concurrent('what serves again by the time that it is locked is not touched', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const before = host.acts().length;
  await expect(recover(host, undefined, false)).rejects.toMatchObject({ code: 'stale-plan' });
  expect(host.acts()).toHaveLength(before);
});

test.concurrent('wherever it dies, the same command completes it', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  let events = 0;
  await recover(host, () => {
    events += 1;
  });
  for (let dieAt = 1; dieAt <= events; dieAt += 3) {
    for (const act of ['stop', 'form'])
      for (const number of [1, 2]) await rm(join(host.root, `${act}-${number}`));
    const before = host.acts().length;
    const died = recover(host, (_event, index) => {
      if (index === dieAt) throw new Error('power cut of the controller');
    });
    await died.catch((failure: unknown) => {
      if (failure instanceof McpError) throw failure;
    });
    await recover(host);
    expect(host.acts().slice(before)).toEqual(['stop 1', 'stop 2', 'form 1', 'form 2']);
  }
});
