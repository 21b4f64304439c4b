import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '../../../src/lab/image.ts';
import type { Release } from '../../../src/model/release.ts';
import { command, root } from './mcp.ts';

/** OpenStack's own tests, as Debian packages them for a release, on a system of that release in a lab's network. */
export interface Tempest {
  readonly release: Release;
  /** Of the network in which it sits, below /run/netns. */
  readonly namespace: string;
  /** Lines of /etc/hosts: how it finds the cloud by name. */
  readonly hosts: string;
  /** File of the authority that it verifies the cloud by. */
  readonly authority: string;
  /** What stands in tempest.conf; the authority is /tempest/ca.crt. */
  readonly configuration: string;
  /** Regular expressions of tests, and of those that are not meant. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface Tested {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** With the reason behind the name. */
  readonly skipped: readonly string[];
  /** The file in which all is that it printed, with every request of what failed. */
  readonly kept: string;
}

/** Nothing is booted, and what is written on that system is forgotten. */
export async function runTempest(asked: Tempest): Promise<Tested> {
  const outside = join(root, '.lab/tempest');
  await rm(outside, { recursive: true, force: true });
  await mkdir(outside, { recursive: true });
  const lab = { directory: join(root, '.lab'), imageKind: 'stocked', release: asked.release } as const;
  const { root: image } = await buildImage(lab, ['ca-certificates', 'tempest'], () => undefined);
  await writeFile(join(outside, 'tempest.conf'), asked.configuration, { mode: 0o600 });
  await writeFile(join(outside, 'hosts'), `127.0.0.1 localhost\n${asked.hosts}\n`);
  await writeFile(join(outside, 'include'), `${asked.include.join('\n')}\n`);
  await writeFile(join(outside, 'exclude'), `${asked.exclude.join('\n')}\n`);
  await copyFile(asked.authority, join(outside, 'ca.crt'));
  const { output } = await command('systemd-nspawn', [
    ...['-q', '--register=no', '--keep-unit', '--volatile=overlay', '--pipe', '--resolv-conf=off'],
    ...[`--network-namespace-path=/run/netns/${asked.namespace}`, '-D', image],
    ...[`--bind=${outside}:/tempest`, `--bind-ro=${outside}/hosts:/etc/hosts`, '/bin/sh', '-c', inside],
  ]);
  await rm(outside, { recursive: true });
  const kept = join(root, `.lab/tempest-${asked.release}.log`);
  await writeFile(kept, output, { mode: 0o600 });
  return { ...outcomesIn(output), kept };
}

// /var/lock, which `tempest init` makes sure of, leads into /run.
const inside = `set -eu
mkdir -p /run/lock
cd /tempest
export HOME=/tempest
tempest init work >/dev/null
cp tempest.conf work/etc/tempest.conf
cd work
# Four: its tests of networks mostly wait.
tempest run --concurrency 4 --include-list ../include --exclude-list ../exclude`;

/** `{1} tempest.api.… [0.5s] ... ok`; what fails for a whole class is named by its class. */
function outcomesIn(output: string): Omit<Tested, 'kept'> {
  const said = [...output.matchAll(/^\{\d+\} (.+?)(?: \[[\d.]+s\])? \.\.\. (ok|FAILED|SKIPPED.*)$/gm)];
  const named = (outcome: string) =>
    said
      .filter(([, , ended = '']) => ended.startsWith(outcome))
      .map(([, name = '', ended = '']) => [name, ended]);
  return {
    passed: named('ok').map(([name = '']) => name),
    failed: named('FAILED').map(([name = '']) => name),
    skipped: named('SKIPPED').map(([name, ended]) => `${name}: ${ended}`),
  };
}
