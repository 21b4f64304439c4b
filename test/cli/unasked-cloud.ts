import type { Deployer, OpenCloud } from '../../src/cli/deployer.ts';

/** Whoever asks it fails its test. */
export const unasked = (): never => {
  throw new Error('not asked for here');
};

/** A cloud that nothing is asked of, but for what a test puts in its place. */
export const unaskedCloud: OpenCloud = {
  secrets: [],
  expiring: () => [],
  ...{ plan: unasked, savePlan: unasked, deploy: unasked, status: unasked, check: unasked },
  ...{ recover: unasked, history: unasked, run: unasked, rollback: unasked },
  lock: { show: unasked, break: unasked },
  maintenance: { list: unasked, enter: unasked, leave: unasked },
};

/** Opens this cloud, whatever the inventory. */
export const opening = (cloud: OpenCloud): Deployer => ({
  withCloud: (_inventory, work) => work(cloud),
  render: unasked,
});
