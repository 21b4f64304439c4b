import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { armHealing } from '../../src/drill/healing.ts';
import type { Act, Fault } from '../../src/model/fault.ts';
import { strikeOn } from '../../src/model/fault.ts';
import { fakeCluster } from './support.ts';

/** What a host is told when healing is armed on it, and the program that is to undo the fault. */
async function armedBy(act: Act): Promise<{ readonly script: string; readonly undoing: string }> {
  const strike = strikeOn('ctl01', act);
  if (!strike) throw new Error('no strike');
  const fault: Fault = {
    ...{ name: 'f', title: 't', kind: act.kind, strike: () => strike, lastsSeconds: 20 },
    ...{ budgets: {}, secondBudgetMilliseconds: 0 },
  };
  const { context } = fakeCluster({ faults: [fault] });
  const told: { script: string; undoing: string }[] = [];
  await armHealing(fault, strike, {
    ...context,
    async connect(host, signal) {
      const connection = await context.connect(host, signal);
      return {
        ...connection,
        run: (script, options) => {
          told.push({ script, undoing: String(options?.input) });
          return connection.run(script, options);
        },
      };
    },
  });
  const [first] = told;
  if (!first) throw new Error('nothing was told');
  return first;
}

test.each<Act>([
  { kind: 'script', break: 'BREAK', heal: 'set -eu\nif true; then exit 3; fi\n' },
  { kind: 'shutdown', heal: ':\n' },
])('what is armed for a $kind is a program that sh understands', async (act) => {
  const { script, undoing } = await armedBy(act);
  for (const program of [script, undoing])
    expect(execFileSync('sh', ['-n'], { input: program, encoding: 'utf8' })).toBe('');
});

test('healing that ends early still takes away what was armed, and says that it failed', async () => {
  const { undoing } = await armedBy({ kind: 'script', break: 'BREAK', heal: 'set -eu\nexit 3\n' });
  const noted = undoing.replaceAll(/\brm -rf\b/g, 'echo removed');
  const shell = `systemctl() { :; }\n${noted.replace('exit $healed', 'echo "healed $healed"')}`;
  const said = execFileSync('sh', ['-s'], { input: shell, encoding: 'utf8' });
  expect(said).toBe('removed /run/mcp-drill /var/lib/mcp-drill\nhealed 3\n');
});

test('only a shutdown is to be healed at boot', async () => {
  const script = await armedBy({ kind: 'script', break: 'BREAK', heal: 'HEAL' });
  expect(script.script).toMatch(/^boot_unit=''$/m);
  const shutdown = await armedBy({ kind: 'shutdown', heal: 'HEAL' });
  expect(shutdown.script).toMatch(/^boot_unit=mcp-drill-heal-at-boot\.service$/m);
});
