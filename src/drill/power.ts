import type { Lab } from '../lab/index.ts';
import type { Clock } from './clock.ts';
import type { Power } from './context.ts';
import { atUsualPriority } from './priority.ts';

/** The lab's plugs; what brings hosts back are processes of their own that outlive this one. */
export const labPower = (lab: LabPlugs, clock: Clock): Power => ({
  cut: (hosts) => lab.powerOff(...hosts),
  on: (hosts) => atUsualPriority(() => lab.powerOn(...hosts)),
  isOff: async (host) => !(await lab.isOn(host)),
  async armOn(hosts, { seconds, after }) {
    const cure = after === 'shutdown' ? 'power-on-when-off' : 'power-on';
    await atUsualPriority(() => lab.arm(hosts, cure, seconds));
    return {
      async isArmed() {
        // A process that can't do its work ends at once; one that waits is still there.
        await clock.sleep(1000);
        const status = await lab.status();
        const armed = status.hosts.filter((host) => host.armed === cure).map(({ name }) => name);
        return hosts.every((host) => armed.includes(host));
      },
      disarm: () => lab.disarm(...hosts),
    };
  },
});

type LabPlugs = Pick<Lab, 'powerOff' | 'powerOn' | 'isOn' | 'arm' | 'disarm' | 'status'>;
