import {
  type DefaultRenderer,
  Listr,
  type ListrBaseClassOptions,
  type ListrTask,
  type ListrTaskWrapper,
  type SimpleRenderer,
} from 'listr2';
import type { ExecutionEvent } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import { everythingFound, type Telling } from './findings-text.ts';
import type { RolloutListener } from './listener.ts';
import { activitiesOf, heading } from './live-activities.ts';
import type { Mask } from './mask.ts';
import { forTerminal, type Paint } from './paint.ts';
import { summarise } from './summary.ts';
import { summaryAsText } from './summary-text.ts';
import { duration } from './words.ts';

/** What the live terminal draws with. */
export interface LiveDrawing {
  print(text: string): void;
  readonly mask: Mask;
  readonly paint: Paint;
  readonly telling?: Telling;
  now(): Date;
}

/**
 * A row for the batch and one for each host with what it does now and for how long. listr2 only draws: its rows are
 * promises that the events settle, and it takes no part in signals.
 */
export function createLiveTerminal(drawing: LiveDrawing): RolloutListener {
  const events: ExecutionEvent[] = [];
  const board = createBoard(drawing);
  return {
    emit(event) {
      events.push(event);
      if (event.type === 'lock-waiting') drawing.print(`waiting: ${event.host} is ${event.reason}`);
      if (event.type === 'rollout-started') board.open(event.plan);
      board.show(event);
    },
    async finish(failure) {
      const summary = summarise(events, failure);
      for (const { host, outcome } of summary.hosts)
        board.close(host, outcome === 'failed' ? 'failed' : outcome);
      board.close(heading, summary.outcome === 'halted' ? 'failed' : 'done');
      await board.closed();
      if (drawing.telling === 'everything') everythingFound(failure).forEach(drawing.print);
      drawing.print(`\n${summaryAsText(summary, drawing.paint)}`);
    },
  };
}

type Ending = 'done' | 'failed' | 'partly' | 'untouched';

interface Row {
  readonly settle: (ending: Ending) => void;
  /** Set once listr2 draws the row. */
  wrapper: ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer> | undefined;
  activity: string;
  since: number | undefined;
}

interface Board {
  open(plan: Plan): void;
  show(event: ExecutionEvent): void;
  close(row: string, ending: Ending): void;
  closed(): Promise<void>;
}

function createBoard({ mask, paint, now, telling = 'causes' }: LiveDrawing): Board {
  const rows = new Map<string, Row>();
  let drawn: Promise<unknown> = Promise.resolve();
  let ticking: NodeJS.Timeout | undefined;
  let total = 0;

  const draw = (): void => {
    for (const [name, { wrapper, activity, since }] of rows) {
      const elapsed = since === undefined ? '' : paint.dim(` ${duration((now().getTime() - since) / 1000)}`);
      const title = `${name === heading ? '' : `${name}  `}${mask(activity)}${elapsed}`;
      if (wrapper) wrapper.title = forTerminal(title);
    }
  };
  const say = (name: string, activity: string, timed = true): void => {
    const row = rows.get(name);
    if (!row) return;
    row.activity = activity;
    row.since = timed ? now().getTime() : undefined;
    draw();
  };
  return {
    open(plan) {
      const hosts = [...new Set(plan.batches.flatMap((batch) => batch.hosts.map(({ host }) => host)))].sort();
      total = plan.batches.length;
      const tasks = [heading, ...hosts].map((name) => rowTask(name, rows));
      const list = new Listr<unknown, 'default', 'simple'>(tasks, listOptions);
      drawn = list.run();
      ticking = setInterval(draw, 1000);
    },
    show(event) {
      for (const { row, activity, timed } of activitiesOf(event, { total, telling }))
        say(row, activity, timed);
    },
    close: (name, ending) => rows.get(name)?.settle(ending),
    async closed() {
      clearInterval(ticking);
      await drawn;
    },
  };
}

const listOptions: ListrBaseClassOptions<unknown, 'default', 'simple'> = {
  concurrent: true,
  exitOnError: false,
  registerSignalListeners: false,
  collectErrors: false,
  rendererOptions: { collapseErrors: false, showErrorMessage: false, collapseSkips: false },
};

/** A row that lasts until it is settled. */
function rowTask(
  name: string,
  rows: Map<string, Row>,
): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> {
  let settle: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve;
  });
  const row: Row = { settle, wrapper: undefined, activity: 'waiting', since: undefined };
  rows.set(name, row);
  return {
    title: name,
    task: async (_context, wrapper) => {
      row.wrapper = wrapper;
      const ending = await ended;
      if (ending === 'failed') throw new Error(name);
      if (ending === 'done') return;
      wrapper.title = `${name}  ${ending === 'partly' ? 'partly done' : 'untouched'}`;
      wrapper.skip();
    },
  };
}
