import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { handOverScript } from '../../src/resources/vip-hand-over-script.ts';
import { marksDirectory } from '../../src/resources/vip-marks.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';
import { hostNamed } from '../support/topology.ts';

const vip = {
  ...({
    name: 'database',
    role: 'database',
    network: 'internal',
    address: '10.0.0.9',
    routerId: 52,
  } as const),
  ...{ tls: false, hostname: undefined, prefix: 24 },
  candidates: [hostNamed('db1', { address: '10.0.0.1', roles: ['database'] })],
};

/** A connection as `ss` lists it, with how many milliseconds ago each side spoke. */
const connection = (peer: string, sent: number, received: number) =>
  `0 0 10.0.0.9:3306 ${peer} cubic lastsnd:${sent} lastrcv:${received} lastack:1`;

test('sessions are ended when they are quiet, the busy ones later, and nothing reaches them while that is decided', async () => {
  await using host = aHolder([
    [
      connection('10.0.0.5:1', 5000, 5000),
      connection('10.0.0.5:2', 40, 30),
      connection('10.0.0.5:3', 900, 800),
    ],
    [connection('10.0.0.5:2', 90, 80)],
    [connection('10.0.0.5:2', 200, 210)],
    [],
  ]);
  const script = handOverScript(vip, { kind: 'sessions', quietMilliseconds: 120 });
  execFileSync('sh', ['-c', script.replaceAll(marksDirectory, join(host.root, 'marks'))], {
    env: host.environment,
  });
  expect(host.acts().filter((act) => !act.startsWith('nft delete table'))).toEqual([
    'nft -f -',
    'nft add element inet mcp_handover held { 10.0.0.9 timeout 5s }',
    'nft add element inet mcp_handover frozen { 10.0.0.9 timeout 1s }',
    // Not the third: it waits for an answer to what it was asked after it had last said something.
    'ss -HK state established ( dst 10.0.0.5:1 ) and src 10.0.0.9 and ( sport = :3306 )',
    'nft delete element inet mcp_handover frozen { 10.0.0.9 }',
    'nft add element inet mcp_handover frozen { 10.0.0.9 timeout 1s }',
    'nft delete element inet mcp_handover frozen { 10.0.0.9 }',
    'nft add element inet mcp_handover frozen { 10.0.0.9 timeout 1s }',
    'ss -HK state established ( dst 10.0.0.5:2 ) and src 10.0.0.9 and ( sport = :3306 )',
    'nft delete element inet mcp_handover frozen { 10.0.0.9 }',
    'ss -HK state established src 10.0.0.9',
  ]);
});

/** A host with the VIP until it is marked to leave; `looks` is what its connections are, look by look. */
function aHolder(looks: readonly (readonly string[])[]): LocalHost {
  const host = localHost();
  for (const [index, lines] of looks.entries()) host.write(`look-${index}`, `${lines.join('\n')}\n`);
  host.program('ip', `#!/bin/sh\n[ -e "$LAB"/marks/* ] || echo 'inet 10.0.0.9/24'\n`);
  host.program(
    'nft',
    `#!/bin/sh\ncase $1 in list) exit ;; esac\n[ "$1" != -f ] || cat >/dev/null\necho "nft $*" >>"$LAB/acts"\n`,
  );
  host.program(
    'ss',
    `#!/bin/sh
case $* in
  *listening*) echo '0 128 10.0.0.9:3306 0.0.0.0:*' ;;
  -HK*) echo "ss $*" >>"$LAB/acts" ;;
  *) look=$(cat "$LAB/look" 2>/dev/null || echo 0)
    case $1 in -HtniO) ;; *) look=$((look + 1)); echo "$look" >"$LAB/look" ;; esac
    grep . "$LAB/look-$look" ;;
esac
`,
  );
  return host;
}
