import { z } from 'zod';
import type { ObservedState } from '../../model/observed.ts';
import type { ResolvedVip } from '../../model/topology.ts';
import { vipReply } from './probe.ts';

/** A network card that answered for a VIP. */
export interface Station {
  readonly mac: string;
  /** How many questions in a row another station answered as well. */
  readonly beside: number;
  /** Other addresses under which those who asked know it. */
  readonly addresses: readonly string[];
  /** The hosts that heard it. */
  readonly heardBy: readonly string[];
}

/** Seconds. What the watch found before that says nothing of now. */
const freshSeconds = 10;

const look = z.object({
  looked: z.number(),
  stations: z.array(z.object({ mac: z.string(), beside: z.number(), addresses: z.array(z.string()) })),
});

/** Whom a host heard answer for a VIP in the last seconds; undefined where it has not looked lately. */
export function stationsHeardBy(
  host: string,
  vip: ResolvedVip,
  observed: ObservedState,
): readonly Station[] | undefined {
  const reply = vipReply(observed, host);
  const found = look.safeParse(parsedOrNothing(reply.get(`stations.${vip.name}`) ?? ''));
  if (!found.success || Number(reply.get('uptime')) - found.data.looked > freshSeconds) return undefined;
  return found.data.stations.map((station) => ({ ...station, heardBy: [host] }));
}

/** All that several hosts heard, each station once. */
export function merged(stations: readonly Station[]): readonly Station[] {
  const macs = [...new Set(stations.map(({ mac }) => mac))];
  return macs.map((mac) => {
    const same = stations.filter((station) => station.mac === mac);
    return {
      mac,
      beside: Math.max(...same.map(({ beside }) => beside)),
      addresses: [...new Set(same.flatMap(({ addresses }) => addresses))],
      heardBy: same.flatMap(({ heardBy }) => heardBy),
    };
  });
}

/** The MAC addresses of all network cards of a host; none where it does not tell. */
export const macsOf = (host: string, observed: ObservedState): readonly string[] =>
  (vipReply(observed, host).get('macs') ?? '').split(' ').filter((mac) => mac !== '');

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
