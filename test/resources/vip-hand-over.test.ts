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

test('a session in the middle of a transaction is not ended, however long it has said nothing', async () => {
  const both = [connection('10.0.0.5:41', 5000, 5000), connection('10.0.0.5:4', 300, 310)];
  await using host = aHolder([both, [connection('10.0.0.5:4', 400, 410)], []]);
  // As HAProxy 2.6 lists them; the second of its connections to the server is the one that matters.
  host.program(
    'socat',
    `#!/bin/sh
cat >/dev/null
echo '0x55672be00999: [28/Nov/2026:04:27:51.290030] id=7 proto=tcpv4 source=10.0.0.1:59048'
echo '  frontend=db1 (id=4294967295 mode=peers), listener=? (id=0) addr=10.0.0.3:10000'
echo '  backend=db1 (id=4294967295 mode=peers) addr=10.0.0.1:40000'
echo '  server=db3 (id=0) addr=10.0.0.3:10000'
n=0
for client in 41 4; do
  n=$((n + 1))
  echo "0x55672be002b$n: [28/Nov/2026:04:27:51.290030] id=$n proto=tcpv4 source=10.0.0.5:$client"
  echo '  frontend=galera (id=3 mode=tcp), listener=? (id=1) addr=10.0.0.9:3306'
  echo "  backend=galera (id=3 mode=tcp) addr=10.0.0.1:5568$n"
  echo '  server=db2 (id=1) addr=10.0.0.2:3306'
done
`,
  );
  host.write('transactions', '10.0.0.7:1\n10.0.0.1:55682\n');
  const inTransaction = `echo "asked $1 $2" >>"$LAB/acts"; cat "$LAB/transactions"; : >"$LAB/transactions"`;
  const script = handOverScript(vip, {
    ...({ kind: 'sessions', quietMilliseconds: 120 } as const),
    ...{ adminSocket: '/run/haproxy-sql/admin.sock', inTransaction },
  });
  execFileSync('sh', ['-c', script.replaceAll(marksDirectory, join(host.root, 'marks'))], {
    env: host.environment,
  });
  expect(host.acts().filter((act) => /^(ss|asked)/.test(act))).toEqual([
    'asked 10.0.0.2 3306',
    'ss -HK state established ( dst 10.0.0.5:41 ) and src 10.0.0.9 and ( sport = :3306 )',
    'asked 10.0.0.2 3306',
    'ss -HK state established ( dst 10.0.0.5:4 ) and src 10.0.0.9 and ( sport = :3306 )',
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
