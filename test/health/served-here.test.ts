import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { servedHereProbe, servedHereProgram } from '../../src/health/index.ts';
import { root } from '../support/golden.ts';

const run = promisify(execFile);
const program = join(root, 'templates/host/served-here.py');

const listening = async (server: Server | ReturnType<typeof createTcpServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** What the program prints for these questions, on a host whose configuration holds `configuration`. */
async function said(configuration: string, ...questions: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-served-'));
  try {
    const file = join(folder, 'configuration');
    await writeFile(file, configuration);
    const { stdout } = await run('python3', ['-I', '-S', program, file, ...questions]);
    return stdout.trim().split('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function selfSigned() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-served-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=cloud.lab'];
  await run('openssl', [...made, '-keyout', key, '-out', cert]);
  const pair = { key: await readFile(key), cert: await readFile(cert) };
  await rm(folder, { recursive: true });
  return pair;
}

test('each page is asked for at once, over TLS with its name; who is silent or mute keeps nobody waiting', async () => {
  const asked: string[] = [];
  const plain = createHttpServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.writeHead(300).end('choices');
  });
  const sealed = createHttpsServer(await selfSigned(), (_request, response) => response.writeHead(503).end());
  const mute = createTcpServer((socket) => socket.on('error', () => undefined));
  const [http, https, silent] = [await listening(plain), await listening(sealed), await listening(mute)];
  const began = performance.now();
  try {
    const lines = await said(
      'listen 127.0.0.1:443',
      `keystone/control http 127.0.0.1 ${http} api.lab /v3`,
      `horizon/public https 127.0.0.1 ${https} cloud.lab /`,
      `mute/public https 127.0.0.1 ${silent} cloud.lab /`,
      'gone/public http 127.0.0.1 1 cloud.lab /',
    );
    expect(lines).toEqual([
      'keystone/control 300',
      'horizon/public 503',
      'mute/public none',
      'gone/public none',
    ]);
    expect(asked).toEqual(['api.lab /v3']);
    // Two that time out one after the other would take twice the patience of the program (4 s).
    expect(performance.now() - began).toBeLessThan(8000);
  } finally {
    for (const server of [plain, sealed, mute]) server.close();
  }
});

test('one that was not told to answer here, since its configuration is an older one, is not asked', async () => {
  expect(await said('listen 10.77.0.102:443', 'horizon/public http 127.0.71.61 443 cloud.lab /')).toEqual([
    'not-installed',
  ]);
});

test('a host without the program says so', async () => {
  const vips = [{ name: 'public', routerId: 61, address: '10.77.0.102', hostname: 'cloud.lab', tls: true }];
  const check = { kind: 'direct', port: 443, path: '/', expect: 200 } as const;
  const listeners = [{ name: 'a', port: 443, check }];
  const [probe] = servedHereProbe('x', '/etc/nginx/nginx.conf', { listeners, vips });
  const script = probe?.script ?? '';
  expect(script).toContain(`'a/public https 127.0.71.61 443 cloud.lab /'`);
  const elsewhere = script.replaceAll(servedHereProgram, '/no/such/program');
  expect((await run('sh', ['-c', elsewhere])).stdout).toBe('not-installed\n');
});
