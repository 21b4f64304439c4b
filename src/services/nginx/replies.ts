import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { probeName } from './probe.ts';

/** What one proxy saw of the front. */
export interface FrontReply {
  readonly pages: readonly SeenPage[];
  readonly servers: readonly {
    readonly listener: string;
    readonly host: string;
    readonly reached: boolean;
  }[];
}

/** What a client gets through a VIP. */
export interface SeenPage {
  readonly vip: string;
  readonly listener: string;
  /** Undefined: no answer. */
  readonly status: number | undefined;
  /** SHA-256 of the certificate that was served, hex in capitals with colons. */
  readonly fingerprint: string | undefined;
  /** As openssl prints it: `Nov 22 23:11:00 2027 GMT`. */
  readonly until: string | undefined;
}

/** What `host` saw; undefined when it did not say, or Nginx is not installed yet. */
export function frontReply(observed: ObservedState, host: string): FrontReply | undefined {
  const output = probeOutput(observed, host, probeName);
  return output === undefined || output.trim() === 'not-installed' ? undefined : parseFront(output);
}

function parseFront(output: string): FrontReply {
  const lines = output.split('\n').map((line) => line.split(' '));
  return {
    pages: lines
      .filter(([kind]) => kind === 'page')
      .map(([, vip = '', listener = '', status, fingerprint, until]) => ({
        vip,
        listener,
        status: status === undefined || status === 'none' ? undefined : Number(status),
        fingerprint: fingerprint || undefined,
        until: until?.replaceAll('_', ' ').trim() || undefined,
      })),
    servers: lines
      .filter(([kind]) => kind === 'server')
      .map(([, listener = '', host = '', reached]) => ({ listener, host, reached: reached === 'yes' })),
  };
}
