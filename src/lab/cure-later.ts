/** Started by arm.ts in a session of its own: waits, then brings a host back. FOLDER HOST CURE SECONDS */
import { setTimeout as delay } from 'node:timers/promises';
import { hostNamed, type LabDescription } from './description.ts';
import { type Cure, changeHostState } from './host-state.ts';
import { withLock } from './lock.ts';
import { leaderOf } from './power.ts';
import { readRecord } from './record.ts';
import { labLock } from './up.ts';
import { heal, plug, powerOn } from './verbs.ts';

const [folder = '', name = '', cure = '', seconds = ''] = process.argv.slice(2);
const actions: Readonly<Record<Cure, typeof powerOn>> = {
  'power-on': powerOn,
  'power-on-when-off': powerOn,
  plug,
  heal,
};
/** A host that has not gone down by then is not about to. */
const goingDownSeconds = 300;

process.send?.('armed');
await delay(Number(seconds) * 1000);
const record = await readRecord(folder);
if (record !== undefined && Object.hasOwn(actions, cure)) {
  // A host that is shutting down stays off afterwards if it is "switched on" too early. Not under the lock: it takes long.
  if (cure === 'power-on-when-off') await awaitOff(record.lab);
  await withLock(labLock(record.lab), async () => {
    const host = hostNamed(record.lab, name);
    await actions[cure as Cure](record, [host]);
    await changeHostState(record.lab, host, { armed: undefined });
  });
}

async function awaitOff(lab: LabDescription): Promise<void> {
  for (let second = 0; second < goingDownSeconds; second += 1) {
    if ((await leaderOf(lab, hostNamed(lab, name))) === undefined) return;
    await delay(1000);
  }
}
