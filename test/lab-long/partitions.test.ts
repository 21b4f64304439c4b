import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApisSeen, watchApis } from '../lab/support/api-watch.ts';
import { longestShared, watchStations } from '../lab/support/arp-watch.ts';
import { deployedLab } from '../lab/support/deployed.ts';
import { holdersOf, onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { administratorPassword, controlSeat, publicSeat } from '../lab/support/seat.ts';
import { seatClients } from '../lab/support/seats.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { watchStore } from '../lab/support/store-watch.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];
const proxies = ['prx01', 'prx02'];
const hosts = [...databases, ...proxies];
const vips = { control: '10.77.0.100', database: '10.77.0.101', public: '10.77.0.102' };

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(async () => {
  await lab.must('lab down');
});

const lastsMilliseconds = 60_000;
/** Longer than that no VIP may be answered for by two hosts: what a client has learned then is wrong for seconds more. */
const sharedMilliseconds = 3000;
/** What clients may wait for a token. */
const silenceMilliseconds = 5000;

interface Partition {
  readonly name: string;
  cut(): Promise<void>;
  readonly seat: typeof publicSeat | typeof controlSeat;
}

const holder = async (vip: string): Promise<string> => (await holdersOf(lab, hosts, vip))[0] ?? '';
/** One that could take what `host` has. */
const candidateBeside = (host: string): string => databases.find((other) => other !== host) ?? '';

const partitions: readonly Partition[] = [
  {
    name: 'two candidates of the database VIP',
    seat: publicSeat,
    async cut() {
      const one = await holder(vips.database);
      await lab.must('lab partition', one, '--from', candidateBeside(one));
    },
  },
  {
    name: 'the holder of the control VIP from all others',
    seat: publicSeat,
    cut: async () => void (await lab.must('lab partition', await holder(vips.control))),
  },
  {
    name: 'the holder of the control VIP hears nothing',
    seat: publicSeat,
    cut: async () => void (await lab.must('lab partition', await holder(vips.control), '--direction', 'in')),
  },
  {
    name: 'the holder of the database VIP is not heard',
    seat: publicSeat,
    cut: async () =>
      void (await lab.must('lab partition', await holder(vips.database), '--direction', 'out')),
  },
  {
    name: 'another database host hears nothing',
    seat: publicSeat,
    cut: async () =>
      void (await lab.must(
        'lab partition',
        candidateBeside(await holder(vips.database)),
        '--direction',
        'in',
      )),
  },
  {
    // The proxies are on the side where nothing can be written: clients of theirs wait, those of the control VIP do not.
    name: 'two database hosts against the third and the proxies',
    seat: controlSeat,
    async cut() {
      for (const one of ['ctl01', 'ctl02'])
        await lab.must('lab partition', one, '--from', 'ctl03', ...proxies);
    },
  },
  {
    name: 'the proxies from each other',
    seat: publicSeat,
    cut: async () => void (await lab.must('lab partition', 'prx01', '--from', 'prx02')),
  },
];

test.each(partitions)(
  '$name: one holder, one writer, a broker, and clients hardly wait',
  async ({ name, cut, seat }) => {
    await awaitHealthy(lab, 300);
    const before = await onEach(lab, hosts, 'ip -4 -o addr show | grep -o "10.77.0.10[0-2]" || true');
    const apis = await watchApis({
      ...seat,
      password: await administratorPassword(),
      only: ['token'],
      intervalMilliseconds: 100,
    });
    const store = await watchStore(inventory, publicSeat.namespace);
    const stations = await watchStations(publicSeat.namespace, Object.values(vips));
    const seats = await seatClients(lab, hosts, databases);
    await sleep(3000);
    const began = Date.now();
    await cut();
    await sleep(lastsMilliseconds);
    const queues = await onEach(lab, databases, brokerView);
    for (const host of hosts) await lab.must('lab heal', host);
    const healed = Date.now();
    await awaitHealthy(lab, 240);
    const healthySeconds = Math.round((Date.now() - healed) / 1000);
    await sleep(3000);
    const [seenByApis, seenByStore, answers] = await Promise.all([
      apis.finish(),
      store.finish(),
      stations.finish(),
    ]);
    const seenBySeats = await seats.finish();
    const shared = Object.fromEntries(
      Object.entries(vips).map(([vip, address]) => [vip, longestShared(answers, address)]),
    );
    console.log(
      `${name}: ${JSON.stringify({
        before,
        shared,
        token: tokenOf(seenByApis),
        store: seenByStore.series,
        lost: seenByStore.lostMessages,
        seats: seenBySeats,
        queues,
        healthySeconds,
        began,
      })}`,
    );
    for (const milliseconds of Object.values(shared)) expect(milliseconds).toBeLessThan(sharedMilliseconds);
    expect(seenBySeats.lost).toEqual([]);
    // Who comes back between the rows of another took them beside it.
    const writers = seenBySeats.writers.map(({ writer }) => writer);
    expect(new Set(writers).size).toBe(writers.length);
    expect(seenByStore.lostMessages).toEqual([]);
    const worst = Math.max(
      0,
      ...(tokenOf(seenByApis)?.outages ?? []).map(({ milliseconds }) => milliseconds),
    );
    expect(worst).toBeLessThan(silenceMilliseconds);
  },
);

const tokenOf = ({ series }: ApisSeen) => series.find(({ name }) => name === 'token');

/** Which members each broker that serves sees. */
const brokerView =
  "timeout 20 rabbitmqctl --quiet --timeout 10 eval 'rabbit_mnesia:cluster_nodes(running).' 2>&1 | tr -d '\\n' || true";
