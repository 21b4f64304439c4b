import { McpError } from '../model/failure.ts';

interface Waiting<Result> {
  readonly host: string;
  readonly signal: AbortSignal | undefined;
  /** Gets what came too late for anybody to want it. */
  discard(result: Result): void;
}

/** What a host is waited for; McpError `interrupted` as soon as the signal is aborted, whatever the host does. */
export async function unlessAborted<Result>(
  begin: () => Promise<Result>,
  { host, signal, discard }: Waiting<Result>,
): Promise<Result> {
  if (signal?.aborted === true) throw interruptedAt(host);
  const begun = begin();
  if (signal === undefined) return begun;
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(interruptedAt(host));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([begun, aborted]);
  } catch (failure) {
    if (signal.aborted) begun.then(discard, () => undefined);
    throw failure;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export const interruptedAt = (host: string): McpError =>
  new McpError('interrupted', `${host}: interrupted; what ran there may have finished or not`, { host });
