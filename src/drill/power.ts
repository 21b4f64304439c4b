import type { Lab } from '../lab/index.ts';
import type { Clock } from './clock.ts';
import type { Power } from './context.ts';
import { atUsualPriority } from './priority.ts';

/** The lab's plugs; what brings a host back is a process of its own that outlives this one. */
export const labPower = (lab: LabPlugs, clock: Clock): Power => ({
  cut: (host) => lab.powerOff(host),
  on: (host) => atUsualPriority(() => lab.powerOn(host)),
  async armOn(host, seconds) {
    await atUsualPriority(() => lab.armPowerOn(host, seconds));
    return {
      async isArmed() {
        // A process that can't do its work ends at once; one that waits is still there.
        await clock.sleep(1000);
        const { hosts } = await lab.status();
        return hosts.some(({ name, armed }) => name === host && armed === 'power-on');
      },
      disarm: () => lab.disarm(host),
    };
  },
});

type LabPlugs = Pick<Lab, 'powerOff' | 'powerOn' | 'armPowerOn' | 'disarm' | 'status'>;
