import type { Check, Finding } from '../../model/check.ts';
import { type HorizonInstance, serviceName } from './names.ts';
import { type PageReply, pageReply } from './replies.ts';

export const checksFor = (instances: readonly HorizonInstance[]): readonly Check[] => [
  {
    name: 'horizon.page',
    service: serviceName,
    title: 'the sign-in page comes from every proxy',
    judge: (observed) =>
      instances.flatMap(({ host }) => judgeReply(host.name, pageReply(observed, host.name))),
  },
];

/** What is wrong with the sign-in page that `host` gave. */
export function judgeReply(host: string, reply: PageReply): readonly Finding[] {
  switch (reply.kind) {
    case 'unknown':
      return [red(host, 'the dashboard could not be asked in time')];
    case 'not-installed':
      return [red(host, 'the dashboard is not set up', 'Run mcp deploy.')];
    case 'answer':
      if (reply.status === undefined) return [red(host, 'the dashboard does not answer', look)];
      if (reply.status !== 200) return [red(host, `the dashboard answers ${reply.status}`, look)];
      return reply.hasForm ? [] : [red(host, 'the dashboard answers without its sign-in form', look)];
  }
}

const look = 'Look at journalctl -u horizon there.';

const red = (host: string, message: string, hint?: string): Finding => ({
  severity: 'red',
  hosts: [host],
  message,
  ...(hint === undefined ? {} : { hint }),
});
