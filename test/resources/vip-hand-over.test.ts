import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { handOverScript } from '../../src/resources/vip-hand-over-script.ts';
import { marksDirectory } from '../../src/resources/vip-marks.ts';
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
  const host = await aHolder([
    [
      connection('10.0.0.5:1', 5000, 5000),
      connection('10.0.0.5:2', 40, 30),
      connection('10.0.0.5:3', 900, 800),
    ],
    [connection('10.0.0.5:2', 90, 80)],
    [connection('10.0.0.5:2', 200, 210)],
    [],
  ]);
  await host.run(handOverScript(vip, { kind: 'sessions', quietMilliseconds: 120 }));
  const ends = (await host.acts()).filter((act) => !act.startsWith('nft delete table'));
  expect(ends).toEqual([
    'nft -f -',
    'nft add element inet mcp_handover held { 10.0.0.9 timeout 5s }',
    'nft add element inet mcp_handover frozen { 10.0.0.9 timeout 1s }',
    // Waits for an answer: what it was asked came after what it said last.
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
async function aHolder(looks: readonly (readonly string[])[]) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-'));
  await mkdir(join(folder, 'bin'));
  await Promise.all(
    looks.map((lines, index) => writeFile(join(folder, `look-${index}`), `${lines.join('\n')}\n`)),
  );
  const programs = {
    ip: `#!/bin/sh\n[ -e "$LAB"/marks/* ] || echo 'inet 10.0.0.9/24'\n`,
    nft: `#!/bin/sh\ncase $1 in list) exit ;; esac\n[ "$1" != -f ] || cat >/dev/null\necho "nft $*" >>"$LAB/acts"\n`,
    ss: `#!/bin/sh
case $* in
  *listening*) echo '0 128 10.0.0.9:3306 0.0.0.0:*' ;;
  -HK*) echo "ss $*" >>"$LAB/acts" ;;
  *) look=$(cat "$LAB/look" 2>/dev/null || echo 0)
    case $1 in -HtniO) ;; *) look=$((look + 1)); echo "$look" >"$LAB/look" ;; esac
    grep . "$LAB/look-$look" ;;
esac
`,
  };
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, 'bin', name), script);
    await chmod(join(folder, 'bin', name), 0o755);
  }
  return {
    run: (script: string) =>
      promisify(execFile)('sh', ['-c', script.replaceAll(marksDirectory, join(folder, 'marks'))], {
        env: { PATH: `${folder}/bin:${process.env['PATH']}`, LAB: folder },
      }),
    acts: async () => (await readFile(join(folder, 'acts'), 'utf8')).trim().split('\n'),
  };
}
