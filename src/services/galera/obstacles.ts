import { foundContent, type ObservedState } from '../../model/observed.ts';
import type { ContentOf, Obstacle } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { serverFile } from './layout.ts';
import { memberOn, type SpokenTls } from './member.ts';
import type { GaleraSettings } from './settings.ts';

/**
 * Members change one after the other, and each has to understand those that are still as they were. One that speaks nothing
 * but TLS and one that speaks none would be two clusters: the way between goes over `optional`.
 */
export function galeraObstacles(
  instances: readonly Instance<GaleraSettings>[],
  _topology: Topology,
  observed: ObservedState,
  contentOf: ContentOf,
): readonly Obstacle[] {
  const members = instances.map(({ host: { name } }) => {
    const after = contentOf(name, serverFile);
    const now = foundContent(observed, { host: name, path: serverFile }, after);
    return {
      name,
      now: [spokenIn(now), memberOn(observed, name)?.tls].filter((spoken) => spoken !== undefined),
      after: spokenIn(after),
    };
  });
  const refused = (wanted: SpokenTls, meets: SpokenTls, words: { is: string; setting: string }) => {
    const unlike = members.filter(({ now }) => now.includes(meets)).map(({ name }) => name);
    const [host] = unlike;
    if (host === undefined || members.every(({ after }) => after !== wanted)) return [];
    return [
      {
        host,
        message: `the database ${words.is} on ${unlike.join(', ')}: members that change first would not be understood there`,
        hint: `Deploy with services.galera.tls: optional first, then with ${words.setting}.`,
      },
    ];
  };
  return [
    ...refused('yes', 'no', { is: 'speaks no TLS yet', setting: 'true' }),
    ...refused('no', 'yes', { is: 'speaks nothing but TLS', setting: 'false' }),
  ];
}

/** What a server speaks that was started with this file; undefined: nobody knows what it holds. */
function spokenIn(content: string | undefined): SpokenTls | undefined {
  if (content === undefined) return undefined;
  if (!/^ssl_cert = /m.test(content)) return 'no';
  return /^require_secure_transport = ON$/m.test(content) ? 'yes' : 'optional';
}
