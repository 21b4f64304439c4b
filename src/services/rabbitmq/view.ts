import { z } from 'zod';
import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { notInstalled } from '../../model/probe.ts';
import { probeName } from './probe.ts';

/** What one member sees of the cluster. */
export type View =
  /** The host did not answer, or the API did not within its deadline. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-installed' }
  /** Nothing answers: it is stopped, starts, is paused in a minority, is drained, or stands apart from the others. */
  | { readonly kind: 'down'; readonly isApart: boolean }
  | ({ readonly kind: 'up' } & ClusterView);

export interface ClusterView {
  /** At which ports for clients this member listens. */
  readonly listens: readonly number[];
  readonly nodes: readonly ObservedNode[];
  readonly policies: readonly ObservedPolicy[];
  readonly notificationQueues: readonly ObservedQueue[];
  /** How many queues there are besides. */
  readonly otherQueues: number;
  /** Whether the account that RabbitMQ ships still takes its known password. */
  readonly guestWorks: boolean;
}

const node = z.object({
  name: z.string(),
  running: z.boolean().default(false),
  partitions: z.array(z.string()).default([]),
  mem_alarm: z.boolean().default(false),
  disk_free_alarm: z.boolean().default(false),
  mem_used: z.number().default(0),
});
export type ObservedNode = z.infer<typeof node>;

const policy = z.object({
  vhost: z.string(),
  name: z.string(),
  pattern: z.string(),
  'apply-to': z.string(),
  priority: z.number(),
  definition: z.record(z.string(), z.unknown()),
});
type ObservedPolicy = z.infer<typeof policy>;

const queue = z.object({
  vhost: z.string(),
  name: z.string(),
  type: z.string().default('classic'),
  state: z.string().default('unknown'),
  node: z.string().default(''),
  messages: z.number().default(0),
  /** Classic queues: the mirrors, and those of them that have every message. */
  slave_nodes: z.array(z.string()).default([]),
  synchronised_slave_nodes: z.array(z.string()).default([]),
  /** Quorum queues. */
  members: z.array(z.string()).default([]),
  online: z.array(z.string()).default([]),
});
export type ObservedQueue = z.infer<typeof queue>;

const queues = z.object({ items: z.array(queue), total_count: z.number(), filtered_count: z.number() });

/** What `host` said when it was observed. */
export function viewOf(observed: ObservedState, host: string): View {
  const output = probeOutput(observed, host, probeName);
  return output === undefined ? { kind: 'unknown' } : parseView(output);
}

/** The cluster as the first of `hosts` that is up sees it. */
export function firstView(observed: ObservedState, hosts: readonly string[]): ClusterView | undefined {
  for (const host of hosts) {
    const view = viewOf(observed, host);
    if (view.kind === 'up') return view;
  }
  return undefined;
}

export function parseView(output: string): View {
  if (output.trim() === notInstalled) return { kind: 'not-installed' };
  const replies = repliesIn(output);
  const isApart = replies.has('apart');
  if (/^alone$/m.test(output)) return { kind: 'down', isApart };
  const nodes = z.array(node).safeParse(replies.get('nodes')?.body);
  const policies = z.array(policy).safeParse(replies.get('policies')?.body);
  const listed = queues.safeParse(replies.get('queues')?.body);
  if (!nodes.success || !policies.success || !listed.success) return { kind: 'down', isApart };
  return {
    kind: 'up',
    listens: (/^listens (.*)$/m.exec(output)?.[1] ?? '').split(' ').filter(Boolean).map(Number),
    nodes: nodes.data,
    policies: policies.data,
    notificationQueues: listed.data.items,
    otherQueues: listed.data.total_count - listed.data.filtered_count,
    guestWorks: isGuestAllowed(replies.get('guest')),
  };
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

function repliesIn(output: string): ReadonlyMap<string, Reply> {
  const parts = output.split(/^== (\w+)\n/m).slice(1);
  const pairs = parts.flatMap((name, index) =>
    index % 2 === 0 ? [[name, replyIn(parts[index + 1] ?? '')] as const] : [],
  );
  return new Map(pairs);
}

function replyIn(text: string): Reply {
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1] ?? 0);
  const body = text
    .split(/\r?\n\r?\n/)
    .slice(1)
    .join('\n\n');
  try {
    return { status, body: JSON.parse(body) };
  } catch {
    // Cut off in the middle of a stop: then this member is as good as down.
    return { status, body: undefined };
  }
}

/**
 * The guest may log in on the loopback only, where nothing listens; the refusal tells the right password from a wrong
 * one.
 */
const isGuestAllowed = (reply: Reply | undefined): boolean =>
  reply?.status === 200 || JSON.stringify(reply?.body ?? '').includes('only log in via localhost');
