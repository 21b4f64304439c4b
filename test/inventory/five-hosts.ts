import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McpError } from '../../src/model/failure.ts';
import { loadTopology } from '../../src/workflows/load.ts';

/** The text of an inventory with five hosts that the services of the program have nothing against. */
export const fiveHosts = `format: 1
cloud: five
platform: { distribution: debian, release: bookworm }
networks:
  management: { cidr: 10.77.0.0/24, interface: host0 }
machines:
  ctl01: { addresses: { management: 10.77.0.11 }, roles: [control, database, messaging] }
  ctl02: { addresses: { management: 10.77.0.12 }, roles: [control, database, messaging] }
  ctl03: { addresses: { management: 10.77.0.13 }, roles: [control, database, messaging] }
  prx01: { addresses: { management: 10.77.0.14 }, roles: [proxy] }
  prx02: { addresses: { management: 10.77.0.15 }, roles: [proxy] }
vips:
  control: { role: control, address: 10.77.0.100, routerId: 51, hostname: internal.cloud.five, tls: true }
  database: { role: database, address: 10.77.0.101, routerId: 52 }
  public: { role: proxy, address: 10.77.0.102, routerId: 61, hostname: cloud.five, tls: true }
services:
  glance: { store: { shared: true } }
`;

/** It with each of these replaced, which must be there. */
export const changed = (...changes: readonly (readonly [from: string, to: string])[]): string =>
  changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${from} is not in the inventory`);
    return text.replace(from, () => to);
  }, fiveHosts);

/** It with settings of services. */
export const withSettings = (settings: string): string =>
  changed(['services:\n', `services:\n  ${settings}\n`]);

/** It with settings of services that are said for ctl01 alone. */
export const onOneMachine = (settings: string): string =>
  changed(['ctl01: { ', `ctl01: { services: { ${settings} }, `]);

/** Every complaint about it, as `severity path: message`; what has to be made first (secrets, certificates) is left out. */
export async function complaintsAbout(text: string): Promise<readonly string[]> {
  return (await toldAbout(text)).map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

/** What to do about each of them. */
export async function hintsAbout(text: string): Promise<readonly string[]> {
  return (await toldAbout(text)).flatMap(({ hint }) => hint ?? []);
}

type Told = NonNullable<McpError['details']['diagnostics']>;

async function toldAbout(text: string): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-inventory-'));
  try {
    const file = join(folder, 'cloud.yaml');
    await writeFile(file, text);
    return (await diagnosticsOf(file)).filter(
      ({ path }) => path[0] !== 'secrets' && path[0] !== 'certificates',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function diagnosticsOf(file: string): Promise<Told> {
  try {
    return (await loadTopology(file, { needs: 'topology' })).warnings;
  } catch (thrown) {
    if (thrown instanceof McpError) return thrown.details.diagnostics ?? [];
    throw thrown;
  }
}
