import { defineConfig, type Plugin } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** Files in the order of their names: the drill takes up the lab that the test of the deploy leaves. */
class ByName extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    return files.toSorted((one, other) => one.moduleId.localeCompare(other.moduleId));
  }
}

/** Programs for hosts and for shells are imported as their text, as in the build. */
const shellText: Plugin = {
  name: 'shell-text',
  transform: (code, id) =>
    /\.(sh|py|bash|zsh|fish)$/.test(id) ? `export default ${JSON.stringify(code)}` : undefined,
};
const plugins = [shellText];

/** What is expected without real hosts is of one release, whichever RELEASE names for the lab. */
const env = { RELEASE: 'bookworm' };

/** What asks sshd, openssl, Python or processes of its own, and so waits for them: with whole runs, not with what is quick. */
const withPrograms = [
  'test/runs/**/*.test.ts',
  'test/transport/**/*.test.ts',
  'test/cli/{exit-codes,man-in-the-middle}.test.ts',
  'test/inventory/operators-*.test.ts',
  'test/execute/{ask,on-disk,open-everything}.test.ts',
  'test/services/keepalived/{notify,vip-watch}.test.ts',
  'test/services/rabbitmq/broker-watch.test.ts',
  'test/services/api-checker/checker.test.ts',
];

// A first deploy took 14 to 18 minutes on the slowest machine so far.
const onRealHosts = { fileParallelism: false, testTimeout: 1_800_000, hookTimeout: 1_800_000 };

/**
 * `unit` is quick and needs no root; neither does `runs`, but for poison.test.ts, which is left out without it: whole runs
 * against real shells and files of this machine, which bin/test goes through as well; `lab` boots real hosts and is run by
 * bin/test, one file at a time; `long` is what does not fit into its hour on two cores: bare machines, eleven hosts, and
 * every fault of the drill. `slow` needs neither root nor real hosts, and takes longer than anybody waits for: every point
 * at which a run can be killed.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    // All cores: by default one is left out, and on two that means one file at a time.
    maxWorkers: '100%',
    projects: [
      {
        plugins,
        // No test depends on what a module keeps, so files share them: half of the time went into loading them again.
        test: {
          name: 'unit',
          isolate: false,
          env,
          // How long one takes says how busy this machine is, and nothing about what is tested.
          testTimeout: 60_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/lab-long/**', 'test/long/**', ...withPrograms],
        },
      },
      {
        plugins,
        // Many shells at once, on a machine that may have other work.
        test: {
          name: 'runs',
          isolate: false,
          env,
          testTimeout: 300_000,
          include: withPrograms,
        },
      },
      { plugins, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], ...onRealHosts } },
      { plugins, test: { name: 'slow', env, include: ['test/long/**/*.test.ts'] } },
      // Who begins alone on a slow machine has the image to build, and to deploy, before its first test.
      {
        plugins,
        test: {
          ...onRealHosts,
          ...{ name: 'long', include: ['test/lab-long/**/*.test.ts'], hookTimeout: 3_000_000 },
        },
      },
    ],
  },
});
