import { join } from 'node:path';
import type { Deployer, OpenCloud } from '../../src/cli/deployer.ts';
import { listenForStop } from '../../src/cli/stop-signals.ts';
import { rollOut } from '../../src/execute/index.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import { judgeAll } from '../../src/model/check.ts';
import { McpError } from '../../src/model/failure.ts';
import { checksOf } from '../../src/model/service.ts';
import { planChanges } from '../../src/plan/index.ts';
import { refuse } from '../../src/workflows/deploy.ts';
import type { Planned } from '../../src/workflows/plan.ts';
import { alphaOn, asked, observe, type Wanted } from '../execute/alpha.ts';
import type { LocalHost } from '../execute/local-host.ts';
import { unaskedCloud } from './unasked-cloud.ts';

let runs = 0;

/**
 * The workflows over a host that is a folder and a service that is one file: planned, confirmed, locked, carried out and
 * judged as ever. What is other than in the program is where a host has its state, and which services there are.
 */
export function localDeployer(host: LocalHost, wanted: Wanted): Deployer {
  const { topology, desired, services } = alphaOn(host, wanted);
  const { connect, connectAfresh } = host.fleet;
  const plan = async (): Promise<Planned> => {
    const observed = await observe(host, desired);
    const made = planChanges({ topology, services, desired, observed, overwriteDrift: false });
    return { plan: made, all: topology, desired, observed };
  };
  const open = {
    secrets: [],
    plan,
    async deploy({ confirm, emit }) {
      using stop = listenForStop(() => undefined);
      const planned = await plan();
      refuse(planned.plan);
      if (planned.plan.batches.length === 0) return planned;
      if (!(await confirm(planned))) throw new McpError('not-confirmed', 'not confirmed');
      runs += 1;
      const run = `20260101T000000Z-${String(process.pid * 100 + runs).padStart(6, '0')}`;
      await rollOut({
        ...{ run, asked, desired, topology, services, connect, connectAfresh, emit },
        ...{ plan: planned.plan, observed: planned.observed, signals: stop.signals, paths: host.paths },
        runDirectory: join(host.root, 'controller', run),
        clock: { ...systemClock, sleep: (_milliseconds, signal) => systemClock.sleep(20, signal) },
      });
      return planned;
    },
    async status() {
      const health = judgeAll(checksOf(services, topology), await observe(host, desired));
      return { cloud: topology.cloud, sections: [], health, sorted: { causes: [], others: [] } };
    },
  } satisfies Partial<OpenCloud>;
  return {
    withCloud: (_inventory, work) => work({ ...unaskedCloud, ...open }),
    render: async () => 0,
  };
}
