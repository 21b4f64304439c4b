import type { ExecutionEvent } from '../model/event.ts';
import type { McpError } from '../model/failure.ts';
import { causesAsJson, everythingAsJson } from './causes-json.ts';
import { diagnosticsAsText } from './diagnostics-text.ts';
import type { RolloutListener } from './listener.ts';
import { jsonVersion, planAsJson } from './plan-json.ts';
import { type RolloutSummary, summarise } from './summary.ts';

/** Where a listener writes, and the time it goes by. */
export interface LineWriting {
  /** Writes one line; masking is the writer's. */
  write(line: string): void;
  now(): Date;
}

/** Typed JSON, one record a line: the version first, every event with its time, a summary last. */
export function createJsonLines({ write, now }: LineWriting): RolloutListener {
  const events: ExecutionEvent[] = [];
  const record = (entry: object): void => write(JSON.stringify({ ...entry, at: now().toISOString() }));
  record({ type: 'version', version: jsonVersion });
  return {
    emit(event) {
      events.push(event);
      record(eventAsJson(event));
    },
    async finish(failure) {
      record({ type: 'summary', ...summaryAsJson(summarise(events, failure)) });
    },
  };
}

function eventAsJson(event: ExecutionEvent): object {
  switch (event.type) {
    case 'rollout-started':
      return { type: event.type, run: event.run, plan: planAsJson(event.plan) };
    case 'batch-started': {
      const { id, service, title, hosts, disruptive, capacity } = event.batch;
      const names = hosts.map(({ host }) => host);
      return {
        type: event.type,
        batch: id,
        total: event.total,
        service,
        title,
        hosts: names,
        disruptive,
        capacity,
      };
    }
    case 'gate-waiting': {
      const { closing, ...rest } = event;
      return { ...rest, findings: everythingAsJson(closing), causes: causesAsJson(closing) };
    }
    case 'step-failed':
      return { ...event, failure: failureAsJson(event.failure) };
    case 'rollout-halted':
      return { ...event, reason: failureAsJson(event.reason) };
    default:
      return event;
  }
}

const summaryAsJson = ({ reason, ...summary }: RolloutSummary): object => ({
  ...summary,
  reason: reason ? failureAsJson(reason) : null,
});

/** Without the stack and the cause's internals. */
const failureAsJson = ({ code, message, details }: McpError): object => ({
  code,
  message,
  host: details.host ?? null,
  command: details.command ?? null,
  hint: details.hint ?? null,
  ...(details.findings ? { findings: details.findings } : {}),
  ...(details.diagnostics ? { diagnostics: diagnosticsAsText(details.diagnostics).split('\n') } : {}),
});
