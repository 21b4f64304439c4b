import {
  type ChannelModel,
  type ConfirmChannel,
  connect,
  IllegalOperationError,
  type Options,
} from 'amqplib';
import { McpError } from '../../model/failure.ts';
import type { AmqpTarget } from '../targets.ts';
import { failureOf, type Probe, ProbeFailure } from './probe.ts';

/** What came of the publishes, told while they happen. */
export interface MessageListener {
  attempted(number: number): void;
  confirmed(number: number): void;
}

/**
 * Publishes numbered messages to a durable notification queue and waits for the broker's confirm. One connection, as
 * OpenStack's services keep one: when it breaks, or a confirm does not come in time, the next node is tried.
 */
export function amqpProbe(target: AmqpTarget, queue: string, messages: MessageListener): Probe {
  const publisher = createPublisher(target, queue);
  return {
    series: { name: 'amqp', endpoint: 'amqp' },
    deadlineMilliseconds: 1000,
    attempt: async (number, signal) => {
      const startedAt = performance.now();
      messages.attempted(number);
      signal.addEventListener('abort', () => publisher.giveUpLinksSince(startedAt), { once: true });
      await publisher.publish(number, signal);
      if (!signal.aborted) messages.confirmed(number);
    },
    close: () => publisher.close(),
  };
}

/** A queue of this name is mirrored by the services' policy, and goes away by itself an hour after its last use. */
export const queueOfRun = (run: string): string => `notifications.mcp_drill.${run}`;

/** Reads the queue empty through any node and deletes it; resolves with the numbers in order of delivery. */
export async function drainQueue(
  target: AmqpTarget,
  queue: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { model, channel } = await openFirst(target, queue, signal);
  const numbers: number[] = [];
  try {
    await channel.prefetch(500);
    do {
      signal.throwIfAborted();
      await consumeUntilIdle(channel, queue, numbers);
    } while ((await channel.checkQueue(queue)).messageCount > 0);
    await channel.deleteQueue(queue);
  } finally {
    await model.close().catch(() => undefined);
  }
  return numbers;
}

/** Takes what the queue holds, one by one with an acknowledgement each, until nothing more comes for a while. */
async function consumeUntilIdle(channel: ConfirmChannel, queue: string, numbers: number[]): Promise<void> {
  let lastAt = performance.now();
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return;
    lastAt = performance.now();
    numbers.push(Number(message.content.toString()));
    channel.ack(message);
  });
  while (performance.now() - lastAt < idleMilliseconds) await pause();
  await channel.cancel(consumerTag);
}

const idleMilliseconds = 1000;

interface Link {
  readonly model: ChannelModel;
  readonly channel: ConfirmChannel;
  /** Numbers that the broker gave back, since no queue took them: their confirm means nothing. */
  readonly returned: Set<string>;
}

interface Publisher {
  publish(number: number, signal: AbortSignal): Promise<void>;
  /** Drops a link that is at least as old as an attempt which got no answer. */
  giveUpLinksSince(startedAt: number): void;
  close(): Promise<void>;
}

function createPublisher(target: AmqpTarget, queue: string): Publisher {
  let next = 0;
  let current: { readonly link: Promise<Link>; readonly since: number } | undefined;
  const drop = (link: Promise<Link>) => {
    if (current?.link === link) current = undefined;
    link.then(({ model }) => model.close()).catch(() => undefined);
  };
  const open = () => {
    const node = target.nodes[next % target.nodes.length];
    next += 1;
    const link = openLink(target, queue, {
      address: node?.address ?? '',
      port: node?.port ?? 0,
      withinMilliseconds: openingMilliseconds,
    });
    const opened = { link, since: performance.now() };
    current = opened;
    link.then(
      ({ model, channel }) => {
        for (const part of [model, channel]) {
          part.on('error', () => drop(link));
          part.on('close', () => drop(link));
        }
      },
      () => drop(link),
    );
    return opened;
  };
  /** The link there is, or the next one that opens. */
  const usableLink = async (signal: AbortSignal): Promise<Link> => {
    for (;;) {
      const { link } = current ?? open();
      const opened = await link.catch(() => undefined);
      if (signal.aborted) throw new ProbeFailure('timeout');
      if (opened) return opened;
      await pause();
    }
  };
  return {
    async publish(number, signal) {
      for (;;) {
        const link = await usableLink(signal);
        try {
          return await publishOn(link, queue, number);
        } catch (error) {
          // Closed between being handed out and used: nothing was sent, so the next link may take it.
          if (!(error instanceof IllegalOperationError)) throw error;
          await pause();
        }
      }
    },
    giveUpLinksSince(startedAt) {
      if (current && current.since <= startedAt) drop(current.link);
    },
    async close() {
      const last = current;
      current = undefined;
      await last?.link.then(({ model }) => model.close()).catch(() => undefined);
    },
  };
}

/** A refused connection fails within a millisecond; without a pause all nodes would be asked in a busy loop. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

function publishOn({ channel, returned }: Link, queue: string, number: number): Promise<void> {
  const messageId = String(number);
  return new Promise((resolve, reject) => {
    const options = { persistent: true, mandatory: true, messageId };
    channel.publish('', queue, Buffer.from(messageId), options, (error: unknown) => {
      if (error) return reject(error instanceof ProbeFailure ? error : new ProbeFailure('unconfirmed'));
      return returned.delete(messageId) ? reject(new ProbeFailure('no-queue')) : resolve();
    });
  });
}

/** A node that is gone does not answer at all: the next one is tried after this. */
const openingMilliseconds = 700;

async function openFirst(target: AmqpTarget, queue: string, signal: AbortSignal): Promise<Link> {
  let failure: unknown;
  for (const { address, port } of target.nodes) {
    signal.throwIfAborted();
    try {
      return await openLink(target, queue, { address, port, withinMilliseconds: 10_000 });
    } catch (error) {
      failure = error;
    }
  }
  throw new McpError('drill-failed', `no broker lets the drill in: ${failureOf(failure)}`, {
    hint: 'look at `mcp status`, and deploy again if the account mcp_drill is missing',
    cause: failure,
  });
}

interface Opening {
  readonly address: string;
  readonly port: number;
  readonly withinMilliseconds: number;
}

async function openLink(
  target: AmqpTarget,
  queue: string,
  { address, port, withinMilliseconds }: Opening,
): Promise<Link> {
  const login: Options.Connect = {
    protocol: target.authority === undefined ? 'amqp' : 'amqps',
    hostname: address,
    port,
    username: target.user,
    password: target.password.reveal(),
    vhost: target.vhost,
    heartbeat: 5,
  };
  const trusted = target.authority === undefined ? {} : { ca: [target.authority] };
  const model = await connect(login, { timeout: withinMilliseconds, ...trusted });
  model.on('error', () => undefined);
  try {
    const channel = await model.createConfirmChannel();
    channel.on('error', () => undefined);
    const returned = new Set<string>();
    channel.on('return', ({ properties }) => returned.add(String(properties.messageId)));
    await channel.assertQueue(queue, queueOptions(target));
    return { model, channel, returned };
  } catch (error) {
    void model.close().catch(() => undefined);
    throw error;
  }
}

const queueOptions = ({ quorumQueue }: AmqpTarget): Options.AssertQueue => ({
  durable: true,
  arguments: { 'x-expires': 3_600_000, ...(quorumQueue ? { 'x-queue-type': 'quorum' } : {}) },
});
