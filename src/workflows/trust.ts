import { dirname } from 'node:path';
import { makeOwnedDirectory, readIfThere, writeOwned } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { fetchHostKeys, jumpHostsOf, type ShownKeys, withPinnedKeys } from '../transport/index.ts';

export type { ShownKeys } from '../transport/index.ts';

export interface TrustWishes {
  /** Hosts whose changed keys are to be replaced. */
  readonly replace: readonly string[];
  /** Shows what hosts show, with what is pinned of it. */
  show(shown: readonly ShownKeys[]): void;
  /** Asks; only called where something is to be pinned. */
  confirm(): Promise<boolean>;
}

/** What came of it, in numbers of keys. */
export interface TrustReport {
  readonly pinned: number;
  readonly known: number;
}

/**
 * Pins the host keys of these hosts in their known_hosts, those of jump hosts first, since the others are only seen
 * through them. A changed key is never overwritten unless its host is named.
 */
export async function trustHosts(hosts: readonly Host[], wishes: TrustWishes): Promise<TrustReport> {
  const jumps = jumpHostsOf(hosts);
  const stranger = wishes.replace.find((name) => ![...hosts, ...jumps].some((host) => host.name === name));
  if (stranger !== undefined) {
    throw new McpError('invalid-arguments', `there is no host ${stranger} in this inventory`, {
      hint: `name one of ${[...hosts, ...jumps].map(({ name }) => name).join(', ')}`,
    });
  }
  const ofJumps = await trustThese(jumps, wishes);
  const ofHosts = await trustThese(hosts, wishes);
  return { pinned: ofJumps.pinned + ofHosts.pinned, known: ofJumps.known + ofHosts.known };
}

async function trustThese(
  hosts: readonly Host[],
  { replace, show, confirm }: TrustWishes,
): Promise<TrustReport> {
  const shown = await fetchHostKeys(hosts);
  refuseChanged(shown, replace);
  show(shown);
  const fresh = shown.filter(
    ({ host, keys }) => replace.includes(host) || keys.some(({ verdict }) => verdict === 'unknown'),
  );
  const known = shown.flatMap(({ keys }) => keys).filter(({ verdict }) => verdict === 'known').length;
  if (fresh.length === 0) return { pinned: 0, known };
  if (!(await confirm()))
    throw new McpError('not-confirmed', 'not confirmed: no key was pinned', {
      hint: 'compare these fingerprints with what the consoles of the hosts show, then say yes, or --yes where there is no terminal',
    });
  for (const file of new Set(fresh.map(({ knownHosts }) => knownHosts))) {
    const ofFile = fresh.filter(({ knownHosts }) => knownHosts === file);
    await makeOwnedDirectory(dirname(file), 0o700);
    await writeOwned(file, withPinnedKeys((await readIfThere(file)) ?? '', ofFile, replace), 0o644);
  }
  const pinned = fresh.flatMap(({ host, keys }) =>
    keys.filter(({ verdict }) => verdict === 'unknown' || (verdict !== 'unproven' && replace.includes(host))),
  );
  return { pinned: pinned.length, known };
}

function refuseChanged(shown: readonly ShownKeys[], replace: readonly string[]): void {
  const changed = shown.filter(
    ({ host, keys }) =>
      keys.some(({ verdict }) => verdict === 'revoked') ||
      (!replace.includes(host) && keys.some(({ verdict }) => verdict === 'changed')),
  );
  const [first] = changed;
  if (first === undefined) return;
  const words = changed.flatMap(({ host, keys }) =>
    keys
      .filter(({ verdict }) => verdict === 'changed' || verdict === 'revoked')
      .map(({ keyType, fingerprint, verdict }) => `${host}: ${verdict} ${keyType} ${fingerprint}`),
  );
  throw new McpError(
    'host-key-changed',
    `no key was pinned, since not all are what they were:\n${words.join('\n')}`,
    {
      host: first.host,
      hint: `where a host was installed anew, compare the fingerprint on its console and add --replace ${first.host}`,
    },
  );
}
