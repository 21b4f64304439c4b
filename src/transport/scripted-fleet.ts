import type { Connection, RunOptions, RunResult } from '../model/transport.ts';
import { type Fleet, keptConnections } from './fleet.ts';

/** What a scripted host says to a script; thrown McpErrors are the failures of a transport. */
export type Answer = (host: string, script: string, options: RunOptions) => RunResult | Promise<RunResult>;

/** A fleet that runs nothing: every script goes to `answer`, for tests of what is asked and what is made of replies. */
export const scriptedFleet = (answer: Answer): Fleet =>
  keptConnections(async (host) => ({ connection: scriptedConnection(host, answer), isOpen: () => true }));

function scriptedConnection(host: string, answer: Answer): Connection {
  return {
    host,
    run: async (script, options = {}) => answer(host, script, options),
    async hold(script) {
      const result = await answer(host, script, {});
      if (result.exitCode !== 0) return { kind: 'ended', result };
      return {
        kind: 'held',
        firstLine: result.stdout.split('\n')[0] ?? '',
        lost: new AbortController().signal,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
