import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import type { LabDescription, LabHost } from './description.ts';
import type { HostKeys } from './host-files.ts';
import { knownHostsLine, mergeKnownHosts } from './known-hosts.ts';

/**
 * Makes what keys are missing, pins the host keys in the inventory's known_hosts and returns what each host boots with.
 * A host key belongs to an address, not to a lab: labs that share a known_hosts file and use the same addresses in turn
 * never contradict each other. The caller holds the lock of the folder that labs share.
 */
export async function ensureKeys(lab: LabDescription): Promise<ReadonlyMap<string, HostKeys>> {
  await ensureKey(lab.identityFile, 'mcp-lab');
  const authorized = await run(['ssh-keygen', '-y', '-f', lab.identityFile]);
  const keys = new Map<string, HostKeys>();
  for (const host of lab.hosts) keys.set(host.name, { ...(await hostKeyOf(lab, host)), authorized });
  const lines = lab.hosts.map((host) => knownHostsLine(host, keys.get(host.name)?.hostKeyPublic ?? ''));
  await pin(lab.knownHosts, lines);
  return keys;
}

/** A key that nobody has pinned: what a machine has that was installed anew. The caller holds the same lock. */
export async function renewHostKey(lab: LabDescription, host: LabHost): Promise<HostKeys> {
  const file = hostKeyFile(lab, host);
  await rm(file, { force: true });
  await rm(`${file}.pub`, { force: true });
  const authorized = await run(['ssh-keygen', '-y', '-f', lab.identityFile]);
  return { ...(await hostKeyOf(lab, host)), authorized };
}

const hostKeyFile = (lab: LabDescription, host: LabHost): string =>
  join(lab.directory, 'host-keys', host.address);

async function hostKeyOf(lab: LabDescription, host: LabHost): Promise<Omit<HostKeys, 'authorized'>> {
  const file = hostKeyFile(lab, host);
  await ensureKey(file, host.address);
  return { hostKey: await readFile(file, 'utf8'), hostKeyPublic: await readFile(`${file}.pub`, 'utf8') };
}

async function pin(file: string, lines: readonly string[]): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '');
  const after = mergeKnownHosts(before, lines);
  if (after === before) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, after, { mode: 0o644 });
  await rename(`${file}.new`, file);
}

async function ensureKey(file: string, comment: string): Promise<void> {
  if (existsSync(file)) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new-${process.pid}`;
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', draft]);
  await chmod(draft, 0o600);
  await rename(`${draft}.pub`, `${file}.pub`);
  await rename(draft, file);
}
