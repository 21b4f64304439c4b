import { connect } from 'node:net';
import type { Series } from '../attempt.ts';
import type { Targets } from '../targets.ts';
import type { Probe } from './probe.ts';

/** Every VIP has a series of its own. */
export const vipSeries = (name: string): Series => ({ name: `vip ${name}`, endpoint: 'vip', vip: name });

/** Connects to a VIP's front port and lets go: whether someone holds the address and serves there. */
export function vipProbe({ name, address, port }: Targets['vips'][number]): Probe {
  return {
    series: vipSeries(name),
    deadlineMilliseconds: 500,
    attempt: (_number, signal) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: address, port, signal });
        socket.once('connect', () => {
          socket.destroy();
          resolve();
        });
        socket.once('error', reject);
      }),
    close: async () => undefined,
  };
}
