import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect, createServer, type Server } from 'node:tls';

/** A certificate that somebody shows, with its key and what others trust. All PEM. */
export interface Shown {
  /** The certificate first, then those between it and its authority. */
  readonly chain: string;
  readonly key: string;
  /** What whoever sees it trusts, and nothing else. */
  readonly authorities: string;
  /** `server`: clients verify it. `both`: servers do so, too. */
  readonly as: 'server' | 'both';
}

/** What OpenSSL has against a certificate. */
export interface Objection {
  /** OpenSSL's name of it, as Node has it: `INVALID_PURPOSE`. Of what has none, `UNSPECIFIED`. */
  readonly code: string;
  /** OpenSSL's own words. */
  readonly words: string;
  /** Who has it: clients, or the server that a client shows it to. */
  readonly by: 'client' | 'server';
}

/**
 * Shows a certificate to a client, and to a server where it is for both ends, all in memory: so what OpenSSL would say of it
 * is said by OpenSSL, with its rules for chains, purposes and strength and by this machine's clock. Names are not looked at.
 * Undefined: nothing is wrong with it.
 */
export async function objectionTo({ chain, key, authorities, as }: Shown): Promise<Objection | undefined> {
  const isForBoth = as === 'both';
  const own = { cert: chain, key, ca: authorities };
  const [clientEnd, serverEnd] = duplexPair();
  try {
    // Whoever shows it would show anything: who sees it decides.
    const server = createServer({
      ...own,
      ciphers: 'DEFAULT@SECLEVEL=0',
      requestCert: isForBoth,
      rejectUnauthorized: false,
    });
    const atServer = seenByServer(server);
    server.emit('connection', serverEnd);
    const client = connect({
      ...(isForBoth ? own : { ca: authorities }),
      socket: clientEnd,
      ciphers: asStrictAsDebian,
      checkServerIdentity: () => undefined,
    });
    await once(client, 'secureConnect');
    const refused = await atServer;
    return isForBoth && refused !== undefined ? { ...refused, by: 'server' } : undefined;
  } catch (cause) {
    return { ...inWords(cause), by: 'client' };
  } finally {
    clientEnd.destroy();
    serverEnd.destroy();
  }
}

/** Debian builds OpenSSL with level 2, 112 bits: no RSA key below 2048, no signature over SHA-1. */
const asStrictAsDebian = 'DEFAULT@SECLEVEL=2';

function seenByServer(server: Server): Promise<Omit<Objection, 'by'> | undefined> {
  return new Promise((resolve) => {
    server.once('tlsClientError', (cause) => resolve(inWords(cause)));
    server.once('secureConnection', ({ authorized, authorizationError: code }) =>
      // Node keeps the name of it alone.
      resolve(authorized ? undefined : { code: String(code), words: String(code) }),
    );
  });
}

function inWords(cause: unknown): Omit<Objection, 'by'> {
  if (!(cause instanceof Error)) throw cause;
  const of = (name: string): string | undefined => {
    const value: unknown = Reflect.get(cause, name);
    return typeof value === 'string' ? value : undefined;
  };
  return { code: of('code') ?? 'UNSPECIFIED', words: of('reason') ?? cause.message };
}
