/** Started by arm.ts in a session of its own: waits, then brings a host back. FOLDER HOST CURE SECONDS */
import { setTimeout as delay } from 'node:timers/promises';
import { hostNamed } from './description.ts';
import { type Cure, changeHostState } from './host-state.ts';
import { withLock } from './lock.ts';
import { readRecord } from './record.ts';
import { labLock } from './up.ts';
import { heal, plug, powerOn } from './verbs.ts';

const [folder = '', name = '', cure = '', seconds = ''] = process.argv.slice(2);
const actions: Readonly<Record<Cure, typeof powerOn>> = { 'power-on': powerOn, plug, heal };

process.send?.('armed');
await delay(Number(seconds) * 1000);
const record = await readRecord(folder);
if (record !== undefined && Object.hasOwn(actions, cure)) {
  await withLock(labLock(record.lab), async () => {
    const host = hostNamed(record.lab, name);
    await actions[cure as Cure](record, [host]);
    await changeHostState(record.lab, host, { armed: undefined });
  });
}
