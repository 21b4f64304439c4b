import { expect, test } from 'vitest';
import { memberOf } from '../../src/model/membership.ts';
import type { Session } from '../../src/workflows/cloud.ts';
import { deployCloud } from '../../src/workflows/deploy.ts';
import { noRepository } from '../../src/workflows/repository.ts';
import { observed, observedHost } from '../support/observed.ts';
import { aTopology, hostNamed } from '../support/topology.ts';

const host = hostNamed('ctl01', { address: '10.0.0.1', roles: ['control'] });
const membership = { generation: 2, members: [memberOf(host)], forgotten: [] };

/** A deploy of a cloud where nothing is due. */
const deployWhile = (...runningSteps: readonly string[]) => {
  const now = observed(observedHost('ctl01', { membership, runningSteps }));
  const unasked = () => Promise.reject(new Error('nobody asks for that'));
  const session: Session = {
    cloud: {
      topology: aTopology({ hosts: [host] }),
      services: [],
      desired: { hosts: new Map() },
      checks: [],
    },
    repository: noRepository,
    observe: async () => now,
    connect: unasked,
    connectAfresh: unasked,
    observeOthers: unasked,
    admit: () => undefined,
    health: unasked,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const signal = new AbortController().signal;
  return deployCloud(session, {
    confirm: unasked,
    emit: () => undefined,
    signals: { soft: signal, hard: signal },
  });
};

test('where nothing is due, a guard of a run that was killed is told: its host is about to undo what was done', async () => {
  await expect(deployWhile('mcp-20260101T000000Z-abc-revert-4-gate.timer')).rejects.toMatchObject({
    code: 'locked',
    message:
      'ctl01 is still busy with mcp-20260101T000000Z-abc-revert-4-gate.timer, a step of an earlier run',
  });
  await expect(deployWhile()).resolves.toMatchObject({ plan: { batches: [] } });
});
