import { localPatienceSeconds, type Probe } from '../../model/probe.ts';
import { adminSocketOf, type Balancer } from './balancers.ts';

// Of the statistics: backends and servers (2 + 4) of all proxies.
const questions = ['show stat -1 6 -1', 'show peers'];

/** The name of the probe that asks a balancer for everything it knows. */
export const probeOf = ({ name }: Balancer): string => `haproxy.${name}`;

/**
 * Asks a balancer over its admin socket, everything in one connection; each answer stands below a line `### QUESTION`.
 * HAProxy ends each answer with a blank line and writes none within.
 */
export const balancerProbe = (balancer: Balancer, tables: readonly string[]): Probe => {
  const asked = [...questions, ...tables.map((table) => `show table ${table}`)];
  return {
    name: probeOf(balancer),
    deadlineSeconds: 8,
    asks: {
      needs: [{ path: '/usr/sbin/haproxy' }],
      exchanges: [
        {
          place: { socket: adminSocketOf(balancer) },
          sends: `${asked.join(';')}\n`,
          reads: 'all',
          seconds: localPatienceSeconds,
        },
      ],
      told: ([answer]) =>
        answer?.text === undefined ? 'not-running\n' : belowQuestions(asked, answer.text.split('\n\n')),
    },
  };
};

const belowQuestions = (asked: readonly string[], answers: readonly string[]): string =>
  asked.map((question, index) => `### ${question}\n${(answers[index] ?? '').trim()}\n\n`).join('');
