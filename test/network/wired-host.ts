import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../src/model/host.ts';
import { createFleet, type OpenFleet, patienceDividedBy } from '../../src/transport/index.ts';
import type { DeployedHost } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';
import { shellServer } from '../support/ssh-server.ts';
import { startWire, type Wire } from '../support/wire.ts';

/**
 * So many of a run's seconds pass in one of ours: for the transport's patience, for the wire, for the clock of the run,
 * and on the host for how long a lock outlives its controller and a guard waits. What computes takes as long as ever, so
 * runs are slow in their own time, as on hosts that are busy.
 */
export const ratio = 10;

/** A local host that is reached over ssh, through a wire that can be harmed. */
export interface WiredHost extends AsyncDisposable {
  readonly local: LocalHost;
  readonly wire: Wire;
  /** A way to it over ssh: as impatient as the run's time is fast, or with all the patience there is. */
  open(patience: 'by the ratio' | 'usual'): OpenFleet;
  /** The host's own time; as everybody's unless said otherwise. */
  hostTime(pace: 'by the ratio' | 'usual'): void;
}

export async function wiredHost(): Promise<WiredHost> {
  const local = localHost();
  canHasten(local);
  const folder = mkdtempSync(join(tmpdir(), 'mcp-ssh-'));
  const server = await shellServer({ folder, environment: local.environment });
  const wire = await startWire('127.0.0.1', { port: server.port });
  const host: Host = server.host({ port: wire.port });
  return {
    local,
    wire,
    open: (patience) =>
      createFleet([host], {
        agentSocket: undefined,
        ...(patience === 'usual' ? {} : { patience: patienceDividedBy(ratio) }),
      }),
    hostTime: (pace) => local.write('ratio', pace === 'usual' ? '1' : `${ratio}`),
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await local[Symbol.asyncDispose]();
    },
  };
}

/** The same host, reached over ssh. */
export const over = (fleet: OpenFleet, { root, paths, owner, group }: LocalHost): DeployedHost => ({
  ...{ root, paths, owner, group, fleet },
});

/** A lock's shell that hears nothing, and timers, go by the host's time. Units tell what they were started with. */
function canHasten(local: LocalHost): void {
  local.write('ratio', '1');
  local.program(
    'timeout',
    `#!/bin/sh
[ "$1" != 120 ] || { shift; set -- $((120 / $(cat "$LAB/ratio"))) "$@"; }
exec /usr/bin/timeout "$@"
`,
  );
  rewrite(local, 'systemd-run', [
    '#--on-active=}; suffix',
    '#--on-active=}; delay=$((delay / $(cat "$LAB/ratio"))); suffix',
  ]);
  rewrite(local, 'systemctl', [
    'echo "$verb $name" >>',
    `echo "$verb $name $(sed -n 's/^value //p' "$LAB/etc/alpha.conf")" >>`,
  ]);
}

function rewrite(local: LocalHost, program: string, [now, then]: readonly [string, string]): void {
  const text = local.read(`bin/${program}`);
  if (!text.includes(now)) throw new Error(`${program} of the local host has no ${now}`);
  local.program(
    program,
    text.replace(now, () => then),
  );
}
