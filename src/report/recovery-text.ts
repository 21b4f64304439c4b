import type { Plan } from '../model/plan.ts';
import type { Recovery } from '../model/recovery.ts';
import { type Paint, plain } from './paint.ts';
import { tableAsText } from './table.ts';

/** What is about to be decided. */
export interface ShownRecovery {
  readonly cloud: string;
  readonly recoveries: readonly (Recovery & { readonly name: string })[];
  readonly plan: Plan;
}

/** What each member knows, what is taken as the truth, what is lost with it, and what would be done. */
export function recoveryAsText({ cloud, recoveries, plan }: ShownRecovery, paint: Paint = plain): string {
  const services = recoveries.map(({ name, evidence, truth, losses, refusals }) => {
    const decided = truth === undefined ? [] : [`the truth is ${paint.bold(truth)}`];
    const lost = losses.map((loss) => `${paint.red('lost:')} ${loss}`);
    const nothing = truth !== undefined && losses.length === 0 ? ['nothing is lost'] : [];
    const doubts = refusals.map(({ message, hint }) => `${paint.red('✗')} ${message}\n  ${paint.dim(hint)}`);
    return [
      paint.bold(`${cloud}: ${name} is to be brought back`),
      tableAsText(evidence.columns, evidence.rows, paint),
      ...[...decided, ...lost, ...nothing, ...doubts],
    ].join('\n');
  });
  const away = plan.missing.map(({ host, reason }) => `${paint.yellow('!')} ${host} ${reason}`);
  const steps = plan.batches.map(({ id, title }) => `${String(id).padStart(2)}  ${title}`);
  return [...services, [...away, ...steps].join('\n')].filter((part) => part !== '').join('\n\n');
}
