import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launchTrusting, onRefusal } from './browser.ts';

/**
 * One person with one browser that stays open: who signed in once is signed in until something ends it. A page fails
 * whose Content-Security-Policy refuses it something.
 */
export interface BrowserSession extends AsyncDisposable {
  signIn(user: string, password: string): Promise<Visited>;
  /** Opens `/path` of the dashboard and waits until it shows the text: some pages fetch what they show after they have loaded. */
  open(path: string, text: string): Promise<Visited>;
  screenshot(file: string): Promise<void>;
}

interface Visited {
  /** Until the person saw what they came for. */
  readonly milliseconds: number;
}

export interface Seat {
  /** Network namespace from which the browser looks. */
  readonly namespace: string;
  readonly address: string;
  readonly hostname: string;
  /** PEM file of the authority that must have signed the page's certificate. */
  readonly authority: string;
}

type Request =
  | { readonly kind: 'sign-in'; readonly user: string; readonly password: string }
  | { readonly kind: 'open'; readonly path: string; readonly text: string }
  | { readonly kind: 'screenshot'; readonly file: string };

/**
 * Opens a browser inside a namespace. It runs in a process of its own, since a namespace can't be entered, and takes
 * requests as lines of JSON on standard input, so that a password is in no list of processes.
 */
export async function openBrowser(seat: Seat): Promise<BrowserSession> {
  const child = spawn(
    'nsenter',
    [
      `--net=/run/netns/${seat.namespace}`,
      process.execPath,
      '--import',
      'tsx',
      fileURLToPath(import.meta.url),
      JSON.stringify(seat),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ask = askerOf(child);
  await ask(undefined);
  return {
    signIn: (user, password) => ask({ kind: 'sign-in', user, password }),
    open: (path, text) => ask({ kind: 'open', path, text }),
    async screenshot(file) {
      await mkdir(dirname(file), { recursive: true });
      await ask({ kind: 'screenshot', file });
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      await ended;
    },
  };
}

/** Sends one request and waits for its line; without a request, for the line that says the browser is open. */
function askerOf(child: ChildProcess): (request: Request | undefined) => Promise<Visited> {
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  return async (request) => {
    if (request) child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await lines.next();
    if (done) throw new Error('the browser is gone');
    const reply: { readonly failure?: string } & Visited = JSON.parse(value);
    if (reply.failure !== undefined) throw new Error(reply.failure);
    return reply;
  };
}

async function serve(seat: Seat): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'mcp-browser-'));
  const browser = await launchTrusting(home, seat);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const refused: string[] = [];
    await onRefusal(page, (what) => void refused.push(what));
    reply({});
    for await (const line of createInterface({ input: process.stdin })) {
      try {
        const seen = await carryOut(JSON.parse(line), page, `https://${seat.hostname}`);
        if (refused.length > 0) throw new Error(`refused by policy: ${refused.splice(0).join(', ')}`);
        reply(seen);
      } catch (failure) {
        await page.screenshot({ path: join(tmpdir(), 'mcp-browser-failed.png') }).catch(() => {});
        reply({ failure: String(failure) });
      }
    }
  } finally {
    await browser.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function carryOut(request: Request, page: Page, site: string): Promise<object> {
  if (request.kind === 'screenshot') {
    await page.screenshot({ path: request.file });
    return {};
  }
  const began = performance.now();
  if (request.kind === 'open') await open(page, site, request);
  else await signIn(page, site, request);
  return { milliseconds: performance.now() - began };
}

async function open(
  page: Page,
  site: string,
  { path, text }: Extract<Request, { kind: 'open' }>,
): Promise<void> {
  await page.goto(`${site}${path}`, { waitUntil: 'load', timeout: 60_000 });
  await page.getByText(text).filter({ visible: true }).first().waitFor({ timeout: 30_000 });
}

async function signIn(
  page: Page,
  site: string,
  { user, password }: Extract<Request, { kind: 'sign-in' }>,
): Promise<void> {
  await page.goto(`${site}/auth/login/`, { waitUntil: 'load', timeout: 60_000 });
  const domain = page.locator('input[name=domain]');
  if ((await domain.count()) > 0) await domain.fill('Default');
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(password);
  await page.locator('#loginBtn').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/auth/login'), { timeout: 60_000 });
  await page.waitForLoadState('load');
}

const reply = (said: object): boolean => process.stdout.write(`${JSON.stringify(said)}\n`);

const [, script, seat] = process.argv;
if (script === fileURLToPath(import.meta.url) && seat !== undefined) await serve(JSON.parse(seat));
