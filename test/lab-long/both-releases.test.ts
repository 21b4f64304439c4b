import { afterAll, beforeAll, expect, test } from 'vitest';
import { releases } from '../../src/model/release.ts';
import { command, labOf, mustSucceed } from '../lab/support/mcp.ts';

const lab = labOf('inventories/lab.yaml');

beforeAll(takeDown);
afterAll(takeDown);

test.each(releases)(
  'the demo on %s from nothing ends healthy, and nobody has to name it again',
  async (release) => {
    await takeDown();
    const demo = await command('bin/demo', [], { RELEASE: release });
    expect([demo.exitCode, demo.output]).toEqual([0, expect.stringContaining('== done')]);
    const codeName = '. /etc/os-release; echo "$VERSION_CODENAME"';
    expect((await told('', 'lab', 'exec', '-i', lab.inventory, 'ctl01', '--', codeName)).stdout.trim()).toBe(
      release,
    );
    expect((await told('', 'plan', '-i', lab.inventory, '--detailed-exitcode')).exitCode).toBe(0);
    expect((await told('', 'status', '-i', lab.inventory)).exitCode).toBe(0);
  },
);

test('a lab and a cloud of one release are refused to who asks for the other one, and nothing is touched', async () => {
  const { stdout } = await told('', 'history', '-i', lab.inventory, '--json');
  const [up = '', asked = ''] = [releases.at(-1), releases[0]];
  const again = await told(asked, 'lab', 'up', '-i', lab.inventory);
  expect(again.exitCode).not.toBe(0);
  expect(again.output).toContain(`the lab mcp-lab was brought up with ${up}, and is asked for with ${asked}`);
  const deploy = await told(asked, 'deploy', '-i', lab.inventory, '--yes');
  expect([deploy.exitCode, deploy.output]).toEqual([11, expect.stringContaining(`ctl01 runs ${up}`)]);
  expect((await told('', 'history', '-i', lab.inventory, '--json')).stdout).toBe(stdout);
  expect((await told('', 'status', '-i', lab.inventory)).exitCode).toBe(0);
});

const told = (release: string, ...words: readonly string[]) =>
  command('bin/mcp', words, { RELEASE: release });

async function takeDown(): Promise<void> {
  await mustSucceed('lab', 'down', '-i', lab.inventory);
}
