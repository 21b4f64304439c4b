import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { membershipFrom } from '../../src/execute/membership-record.ts';
import type { LocalHost } from '../execute/local-host.ts';
import type { Story } from './points.ts';
import { ratio } from './wired-host.ts';

/** A change, as a host is asked for it. */
export interface Change {
  readonly story: Story;
  readonly value: number;
}

/** What is on record of how alpha.service was started last. */
export const recordIn = (local: LocalHost): string =>
  local.exists('state/units/alpha.service') ? local.read('state/units/alpha.service') : '';

/** Whether it is the act that puts the change in force. */
export const startsWanted = (act: string, { value }: Change): boolean =>
  act === `start alpha.service ${value}` || act === `restart alpha.service ${value}`;

/** What was done to the unit, in the host's own words, against what one change asks for. */
export function wrongActs(change: Change, acts: readonly string[]): readonly string[] {
  const { story } = change;
  const starts = acts.filter((act) => startsWanted(act, change)).length;
  // Only an undoing stops it, and after that it is due again.
  const undoings = acts.filter((act) => act.startsWith('stop ')).length;
  const left = acts.indexOf('leave');
  const told = `: ${acts.join(', ')}`;
  return [
    ...(starts === 0 ? [`alpha.service was never started with what is wanted${told}`] : []),
    ...(starts > 1 + undoings ? [`alpha.service was started ${starts} times for one change${told}`] : []),
    ...(undoings > 0 && story !== 'guarded' ? [`undone without a guard${told}`] : []),
    ...(story !== 'first' && (left === -1 || left > acts.findIndex((act) => startsWanted(act, change)))
      ? [`restarted before it had left${told}`]
      : []),
    ...(story !== 'first' && acts.at(-1) !== 'join' ? [`it is not back${told}`] : []),
  ];
}

/** What the host has on record, against what is there. */
export function wrongRecords(local: LocalHost, { value }: Change): readonly string[] {
  const wrongFiles = local
    .read('state/files')
    .split('\n')
    .filter((line) => line !== '' && line.slice(0, 64) !== sha256(readFileSync(line.slice(66))));
  const isServing = local.exists('units/alpha.service') && local.read('units/alpha.service') === 'active\n';
  const isOnRecord = local.read('state/files').includes(`  ${local.root}/etc/alpha.conf\n`);
  return [
    ...(isOnRecord ? [] : ['no hash of the file is on record']),
    ...wrongFiles.map((line) => `on record with another hash than it has: ${line}`),
    ...(local.read('etc/alpha.conf') === `# \nvalue ${value}\n` ? [] : ['the file is not as wanted']),
    ...(isServing ? [] : ['alpha.service does not run']),
    ...(local.read('state/cloud') === 'lab\n' ? [] : [`it belongs to ${local.read('state/cloud')}`]),
    ...(membersOf(local) === 'ctl01' ? [] : [`members on record: ${membersOf(local)}`]),
    ...(local.exists('state/units/left-alpha') ? ['it is still marked as left'] : []),
  ];
}

const membersOf = (local: LocalHost): string =>
  (membershipFrom(local.read('state/members'), 'ctl01')?.members ?? []).map(({ name }) => name).join(' ');

/**
 * What nothing may be left of a moment after the last run. A lock whose shell can't be told that its run is over, since
 * its connection is half-open, lives for two minutes of the host's time.
 */
export async function leftBehind(local: LocalHost): Promise<readonly string[]> {
  const until = performance.now() + (2 * 120_000) / ratio;
  for (;;) {
    const left = [
      ...local.leftovers().map((name) => `${name} is left`),
      ...(isLocked(local) ? ['its lock is held'] : []),
      ...readdirSync(join(local.root, 'run'))
        .filter((name) => name.startsWith('mcp-observe.'))
        .map((name) => `run/${name} is left`),
      ...['etc', 'state', 'state/units']
        .flatMap((folder) => readdirSync(join(local.root, folder)))
        .filter((name) => /[.-]new$/.test(name))
        .map((name) => `half a file is left: ${name}`),
    ];
    if (left.length === 0 || performance.now() > until) return left;
    await sleep(50);
  }
}

function isLocked(local: LocalHost): boolean {
  const { status } = spawnSync('flock', ['-n', '-s', join(local.root, 'run/mcp-lock/lock'), 'true']);
  return status !== 0;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
