import type { LabHost } from './description.ts';

/** The line of known_hosts that pins a host's key, given its public half as sshd has it. */
export function knownHostsLine(
  { address, sshPort }: Pick<LabHost, 'address' | 'sshPort'>,
  publicKey: string,
): string {
  const [type = '', key = ''] = publicKey.trim().split(/\s+/);
  return `${sshPort === 22 ? address : `[${address}]:${sshPort}`} ${type} ${key}`;
}

/** A known_hosts text in which the given lines have replaced any others for the same hosts; the rest stays as it was. */
export function mergeKnownHosts(text: string, lines: readonly string[]): string {
  const replaced = new Set(lines.map(nameIn));
  const kept = text.split('\n').filter((line) => line.trim() !== '' && !replaced.has(nameIn(line)));
  return `${[...kept, ...lines].join('\n')}\n`;
}

const nameIn = (line: string): string => line.split(/\s+/)[0] ?? '';
