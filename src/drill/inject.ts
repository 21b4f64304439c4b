import { McpError } from '../model/failure.ts';
import type { Fault } from '../model/fault.ts';
import type { DrillContext } from './context.ts';
import { powerOutOfReach } from './healing.ts';

/** Breaks it. A connection that dies of it is what a fault may do; a script that refuses is not. */
export async function injectFault(fault: Fault, host: string, context: DrillContext): Promise<void> {
  if (fault.act.kind === 'power-cut') {
    if (!context.power) throw powerOutOfReach(fault);
    await context.power.cut(host);
    return;
  }
  const connection = await context.connect(host, context.signal);
  try {
    const broken = await connection.run(fault.act.break, { timeoutSeconds: 30 });
    if (broken.exitCode !== 0) throw notBroken(fault, host, broken.stderr);
  } catch (error) {
    if (!(error instanceof McpError) || error.code !== 'connection-lost') throw error;
  }
}

const notBroken = (fault: Fault, host: string, words: string): McpError =>
  new McpError('drill-failed', `${fault.name} could not be injected on ${host}: ${words.trim()}`, {
    host,
    hint: `log in to ${host} and look whether the unit it breaks is running`,
  });
