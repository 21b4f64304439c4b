import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sqlProbe } from '../../src/drill/probes/sql.ts';
import { Secret } from '../../src/model/secret.ts';

test('of an attempt that has come to nothing no connection is left, though the other side never ends it', async () => {
  // As a host whose kernel has confirmed our goodbye, and whose program never got to say its own.
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  const noted = { attempted: () => undefined, acknowledged: () => undefined, placed: () => undefined };
  const probe = sqlProbe(
    {
      ...{ vip: 'database', address: '127.0.0.1', hostname: '127.0.0.1', port, members: [] },
      ...{ user: 'mcp_drill', schema: 'mcp_drill', password: new Secret('mcp_drill'), tls: undefined },
    },
    'run',
    noted,
  );
  const deadline = new AbortController();
  void probe.attempt(1, deadline.signal, () => undefined).catch(() => undefined);
  const [peer]: Socket[] = await accepted;
  if (peer === undefined) throw new Error('nobody came');
  const saidGoodbye = once(peer.resume(), 'end');
  deadline.abort();
  await saidGoodbye;
  // Who waits for more would take this; where nobody has the connection any more, the kernel refuses it.
  const refused = new Promise((resolve) => peer.once('error', () => resolve('refused')));
  const late = setInterval(() => peer.write('late'), 20);
  expect(await Promise.race([refused, sleep(2000, 'taken')])).toBe('refused');
  clearInterval(late);
  peer.destroy();
  server.close();
});
