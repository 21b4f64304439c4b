import type { Finding } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import fitnessText from './fitness.sh';
import { red } from './hosts.ts';
import type { HostCheck } from './looked.ts';

const probeName = 'preflight.fitness';

/** What a deploy would meet with on a host: its system, its tools, its packages and its sshd. */
export const fitnessProbe: Probe = { name: probeName, deadlineSeconds: 8, script: fitnessText };

/** Nothing on a host would have it refuse what a deploy does there. */
export const hostsAreFit = (topology: Topology): HostCheck => ({
  name: 'preflight.fitness',
  service: 'host',
  title: 'every host has the system of the inventory, with packages in good order',
  probe: probeName,
  judge: (observed) => topology.hosts.flatMap((host) => judgeHost(host, observed)),
});

/** Eight programs at once, and the lock that a run holds: transport/connection.ts. */
const sessionsWanted = 9;

/** sshd lets so many sessions into one connection that nothing has to connect again. */
export const sessionsAreEnough = (topology: Topology): HostCheck => ({
  name: 'preflight.sessions',
  service: 'host',
  title: `sshd takes ${sessionsWanted} sessions on one connection (MaxSessions)`,
  probe: probeName,
  judge: (observed) =>
    topology.hosts.flatMap(({ name }) => {
      const [told] = valuesOf('sessions', name, observed);
      // What nobody has looked at is red for all checks of hosts.
      if (told === undefined || Number(told) >= sessionsWanted) return [];
      const message =
        told === 'unknown'
          ? 'does not tell how many sessions it takes on one connection (`sshd -T`): where they are few, mcp opens more connections'
          : `allows ${told} sessions on one connection (MaxSessions): mcp opens more connections, each with a login of its own`;
      const hint = `say \`MaxSessions 10\` in /etc/ssh/sshd_config.d/ there and reload ssh`;
      return [{ ...red(name, message, hint), severity: 'warning' as const }];
    }),
});

function judgeHost({ name, platform }: Host, observed: ObservedState): readonly Finding[] {
  const told = (key: string) => valuesOf(key, name, observed);
  const wanted = `${platform.distribution} ${platform.release}`;
  return [
    ...told('system')
      .filter((system) => system !== wanted)
      .map((system) =>
        red(
          name,
          `runs ${system}, and the inventory says ${wanted}`,
          'correct `platform` in the inventory, or install that release',
        ),
      ),
    ...told('without').map((what) =>
      what === 'systemd'
        ? red(name, 'is not run by systemd', 'install systemd-sysv and boot with it: services are its units')
        : red(name, `has no ${what}`, 'install the package that has it: every Debian that boots has these'),
    ),
    ...told('read-only').map((folder) =>
      red(
        name,
        `${folder} can not be written to`,
        'mount its file system for writing; a disk that fails is mounted read-only by itself',
      ),
    ),
    ...told('apt').map((complaint) =>
      red(name, `apt refuses: ${complaint}`, 'make `apt-get check` pass there'),
    ),
    ...unfinished(name, told('unfinished')),
  ];
}

const unfinished = (host: string, packages: readonly string[]): readonly Finding[] =>
  packages.length === 0
    ? []
    : [red(host, `has half-installed packages: ${packages.join(', ')}`, 'run `dpkg --configure -a` there')];

const valuesOf = (key: string, host: string, observed: ObservedState): readonly string[] =>
  (probeOutput(observed, host, probeName) ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${key} `))
    .map((line) => line.slice(key.length + 1));
