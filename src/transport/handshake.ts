import type { Algorithms, ClientErrorExtensions } from 'ssh2';
import { McpError } from '../model/failure.ts';
import { type Endpoint, fingerprintOfKey, type HostKeyAlgorithm, keyTypeOf } from './known-hosts.ts';

/**
 * What is offered to a host. The library's own list of MACs has SHA-1 in it, which whoever stands in between could leave
 * as the only one; its other lists have nothing like it. Every OpenSSH since 5.9 has these.
 */
export const offered = (serverHostKey: HostKeyAlgorithm[]): Algorithms => ({
  serverHostKey,
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
});

/** Who was to be spoken to. */
interface Spoken extends Endpoint {
  readonly host: string;
}

/** The key was shown, and what followed was not signed with it. */
export const keyUnproven = ({ host, address, port }: Spoken, key: Buffer, cause: Error): McpError =>
  new McpError(
    'host-key-unproven',
    `${host}: what answers at ${address} port ${port} shows the host key ${keyTypeOf(key)} ` +
      `${fingerprintOfKey(key.toString('base64'))} and can't prove that it has it`,
    {
      host,
      hint:
        'someone may stand in between, who repeats what the host shows or changes what is said; ' +
        'no key was pinned and nobody logged in',
      cause,
    },
  );

/** No key was shown: there is no way to speak that both know. */
export const nothingInCommon = ({ host, address, port }: Spoken, cause: Error): McpError =>
  new McpError('unreachable', `${host}: what answers at ${address} port ${port}: ${cause.message}`, {
    host,
    hint:
      'see what sshd allows there (KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms): ' +
      'mcp speaks nothing that is weak, and someone in between may leave nothing else',
    cause,
  });

/** Whether the handshake itself went wrong, and not the way to the host. */
export const isOfHandshake = (cause: Error & ClientErrorExtensions): boolean =>
  cause.level === 'handshake' || isGoodbye(cause);

/** The other end has said why it goes, by number. */
export const isGoodbye = (cause: Error): boolean => 'code' in cause && typeof cause.code === 'number';
