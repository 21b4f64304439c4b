import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askForPage, bodyOf, servedHere, servedHereProbe, statusOf } from '../../src/health/index.ts';
import type { Answer, Asking, Exchange, Probe } from '../../src/model/probe.ts';
import { insideAddress } from '../../src/model/topology.ts';
import { observed, observedHost } from '../support/observed.ts';
import { askedHere, askedWith } from './asked.ts';

const run = promisify(execFile);
let folder = '';
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-asked-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

async function listening(
  server: Server,
  place: string | { readonly address: string } = { address: '127.0.0.1' },
) {
  servers.push(server);
  await new Promise<void>((resolve) => {
    if (typeof place === 'string') server.listen(place, resolve);
    else server.listen(0, place.address, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Says this to whoever says something, and goes. */
const saying = (words: string) =>
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(words));
  });
const mute = () => createServer((socket) => socket.on('error', () => undefined));

const here = (port: number) => ({ address: '127.0.0.1', port });
const asking = (exchanges: readonly Exchange[], more: Partial<Asking> = {}): Probe => ({
  ...{ name: 'asks', deadlineSeconds: 20 },
  asks: { needs: [], exchanges, told: (answers) => JSON.stringify(answers), ...more },
});
const answersTo = async (...exchanges: readonly Exchange[]): Promise<readonly Answer[]> =>
  JSON.parse((await askedHere(asking(exchanges))).get('asks')?.stdout ?? '') as Answer[];

async function selfSigned() {
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=cloud.lab'];
  await run('openssl', [...made, '-keyout', key, '-out', cert]);
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test('everything is asked at once, over TLS with the name of the site; who is mute or gone keeps nobody waiting', async () => {
  const asked: string[] = [];
  const plain = createHttpServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.writeHead(300).end('choices');
  });
  const pair = await selfSigned();
  const sealed = createHttpsServer(pair, (_request, response) => response.writeHead(503).end());
  const page = { address: '127.0.0.1', path: '/v3', site: 'cloud.lab', tls: false, seconds: 2 } as const;
  const http = await listening(plain);
  const https = await listening(sealed);
  const silent = await listening(mute());
  const began = performance.now();
  const answers = await answersTo(
    askForPage({ ...page, port: http, wants: 'status' }),
    askForPage({ ...page, port: http, wants: 'page' }),
    askForPage({ ...page, port: https, tls: true, wants: 'status' }),
    ...Array.from({ length: 8 }, () => askForPage({ ...page, port: silent, tls: true, wants: 'status' })),
    askForPage({ ...page, port: 1, wants: 'status' }),
  );
  expect(answers.map(statusOf)).toEqual([300, 300, 503, ...Array(9).fill(undefined)]);
  expect(answers.map(({ reached }) => reached)).toEqual([true, true, true, ...Array(9).fill(false)]);
  expect(answers[1] && bodyOf(answers[1])).toBe('choices');
  expect(asked).toEqual(['cloud.lab /v3', 'cloud.lab /v3']);
  const shown = Buffer.from(answers[2]?.certificate ?? '', 'base64').toString('base64');
  expect(pair.cert.toString().replaceAll(/-----.*-----|\n/g, '')).toBe(shown);
  // Eight that each wait for two seconds take sixteen, one after the other.
  expect(performance.now() - began).toBeLessThan(12_000);
});

test('sockets are asked like addresses; an answer that breaks off is none, one that is not wanted is not waited for', async () => {
  const socket = join(folder, 'admin.sock');
  await listening(saying('one\n\ntwo\n\n'), socket);
  const half = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.write('half');
  });
  const silent = await listening(mute());
  const broken = await listening(half);
  const ask = { sends: 'show\n', reads: 'all', seconds: 1 } as const;
  const answers = await answersTo(
    { ...ask, place: { socket } },
    { ...ask, place: { socket: join(folder, 'nobody.sock') } },
    { ...ask, place: here(broken) },
    { ...ask, place: here(silent), sends: '', reads: 'nothing', seconds: 20 },
  );
  expect(answers).toMatchObject([
    { reached: true, text: 'one\n\ntwo\n\n' },
    { reached: false },
    { reached: true },
    { reached: true, text: '' },
  ]);
  expect(answers[2]?.text).toBeUndefined();
});

test('a login is read on the host, where it stands below its comments', async () => {
  let heard = '';
  const server = createServer((socket) =>
    socket.once('data', (data) => {
      heard = data.toString();
      socket.end('ok');
    }),
  );
  const login = join(folder, 'login');
  writeFileSync(login, '# Written by mcp\nmonitor:wörd\n');
  const port = await listening(server);
  const sends = 'Authorization: Basic {login}\r\n';
  await answersTo({ place: here(port), sends, login, reads: 'all', seconds: 5 });
  const [, , encoded = ''] = heard.trim().split(' ');
  expect(Buffer.from(encoded, 'base64').toString()).toBe('monitor:wörd');
});

test('what the host lacks is told; what a script printed comes first, and is told where nothing is to be asked', async () => {
  const port = await listening(saying('well'));
  const exchanges: readonly Exchange[] = [{ place: here(port), sends: 'x', reads: 'all', seconds: 5 }];
  const told = (answers: readonly Answer[]) => `${answers[0]?.text}\n`;
  const lacking = { ...asking(exchanges, { needs: [{ path: '/no/such/file' }], told }), name: 'lacking' };
  const both = { ...asking(exchanges, { told }), name: 'both', script: 'echo printed' };
  const nobody = { ...asking([], { told: () => 'nobody\n' }), name: 'nobody', script: 'echo printed' };
  const scripted = { ...lacking, name: 'scripted', script: 'echo printed' };
  const replies = await askedHere(lacking, both, scripted, nobody);
  expect([...replies].map(([name, { exitCode, stdout }]) => [name, exitCode, stdout])).toEqual([
    ['lacking', 0, 'not-installed\n'],
    ['both', 0, 'printed\nwell\n'],
    ['scripted', 0, 'printed\n'],
    ['nobody', 0, 'printed\nnobody\n'],
  ]);
});

test('one that hangs beyond its time is cut off alone', async () => {
  const silent = await listening(mute());
  const port = await listening(saying('well'));
  const ask = { sends: 'x', reads: 'all' } as const;
  const told = (answers: readonly Answer[]) => `${answers[0]?.text}\n`;
  const hangs = asking([{ ...ask, place: here(silent), seconds: 60 }], { told });
  const answers = asking([{ ...ask, place: here(port), seconds: 60 }], { told });
  const replies = await askedHere(
    { ...hangs, name: 'hangs', deadlineSeconds: 3 },
    { ...answers, name: 'answers', deadlineSeconds: 3 },
  );
  expect(replies.get('hangs')?.exitCode).toBe(124);
  expect(replies.get('answers')).toEqual({ exitCode: 0, stdout: 'well\n' });
});

test('who serves a VIP is asked for its pages where it serves it itself, unless its configuration is an older one', async () => {
  const vip = { name: 'public', routerId: 61, address: '10.77.0.102', hostname: 'cloud.lab', tls: false };
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.writeHead(200).end();
  });
  const port = await listening(server, { address: insideAddress(vip) });
  const check = { kind: 'direct', port, path: '/up', expect: 200 } as const;
  const configuration = join(folder, 'serves.cfg');
  const probe = servedHereProbe('serves', configuration, {
    listeners: [
      { name: 'horizon', port, check },
      { name: 'gone', port: 1, check },
    ],
    vips: [vip],
  });
  const said = async (words: string) => {
    writeFileSync(configuration, words);
    const replies = await askedHere(...probe);
    const probes = { serves: replies.get('serves')?.stdout ?? '' };
    return servedHere('serves', 'ctl01', observed(observedHost('ctl01', { probes })));
  };
  expect(await said(`bind ${insideAddress(vip)}:${port}`)).toEqual(
    new Map([
      ['horizon/public', 200],
      ['gone/public', undefined],
    ]),
  );
  expect(asked).toEqual(['cloud.lab /up']);
  expect(await said('bind 10.77.0.102:443')).toBeUndefined();
});

test('a look starts no more processes for ten questions than for one', async () => {
  const port = await listening(saying('well'));
  const exchange: Exchange = { place: here(port), sends: 'x', reads: 'all', seconds: 5 };
  const startedFor = async (count: number): Promise<number> => {
    const probes = Array.from({ length: count }, (_, at) => ({ ...asking([exchange]), name: `asks-${at}` }));
    const log = join(folder, `started-${count}`);
    const counting = ['cat', 'cp', 'date', 'head', 'mkdir', 'nice', 'rm', 'sh', 'stat', 'tail', 'timeout'];
    await askedWith(counting, log, probes);
    return readFileSync(log, 'utf8').trim().split('\n').length;
  };
  const one = await startedFor(1);
  expect(one).toBeGreaterThan(5);
  expect(await startedFor(10)).toBe(one);
});
