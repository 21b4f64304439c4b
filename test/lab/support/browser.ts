import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { command } from './mcp.ts';

/** What a person in front of a browser gets to see. */
export interface SeenPage {
  readonly url: string;
  readonly title: string;
  /** Names of the inputs of the form with the password, in order. */
  readonly inputs: readonly string[];
  /**
   * Answers other than 2xx and 3xx, requests that failed, and what the page's Content-Security-Policy refused it: a page
   * without its styles shows here.
   */
  readonly failed: readonly string[];
  readonly stylesheets: number;
}

export interface Visit {
  /** Network namespace from which the browser looks. */
  readonly namespace: string;
  readonly address: string;
  readonly hostname: string;
  /** PEM file of the authority that must have signed the page's certificate. */
  readonly authority: string;
  readonly screenshot: string;
}

/**
 * Opens `https://HOSTNAME/` at ADDRESS in real Chromium from inside a namespace, verifying the certificate against the
 * authority alone, and takes a screenshot. The visit runs in a process of its own, since a namespace can't be entered.
 */
export async function visitInNamespace(visit: Visit): Promise<SeenPage> {
  await mkdir(dirname(visit.screenshot), { recursive: true });
  const self = fileURLToPath(import.meta.url);
  const { exitCode, stdout, stderr } = await command('nsenter', [
    `--net=/run/netns/${visit.namespace}`,
    process.execPath,
    '--import',
    'tsx',
    self,
    JSON.stringify(visit),
  ]);
  if (exitCode !== 0) throw new Error(`the browser failed:\n${stderr}\n${stdout}`);
  return JSON.parse(stdout);
}

/** Chromium with the authority in a certificate store of its own, so that a wrong certificate is an error page. */
async function visit({ address, hostname, authority, screenshot }: Visit): Promise<SeenPage> {
  const home = await mkdtemp(join(tmpdir(), 'mcp-browser-'));
  try {
    const browser = await launchTrusting(home, { address, hostname, authority });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const failed: string[] = [];
      page.on('requestfailed', (request) => failed.push(`${request.url()} ${request.failure()?.errorText}`));
      page.on('response', (response) => {
        if (response.status() >= 400) failed.push(`${response.url()} ${response.status()}`);
      });
      await onRefusal(page, (refused) => void failed.push(refused));
      await page.goto(`https://${hostname}/`, { waitUntil: 'load', timeout: 60_000 });
      await page.screenshot({ path: screenshot });
      const inputs = await page
        .locator('form:has(input[type=password]) input:visible')
        .evaluateAll((elements) => elements.map((element) => element.getAttribute('name') ?? ''));
      const stylesheets = await page.locator('link[rel=stylesheet]').count();
      return { url: page.url(), title: await page.title(), inputs, failed, stylesheets };
    } finally {
      await browser.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

interface Site {
  readonly address: string;
  readonly hostname: string;
  readonly authority: string;
}

/** Chromium that finds one site at one address and trusts one authority, kept in `home`. */
export async function launchTrusting(home: string, { address, hostname, authority }: Site): Promise<Browser> {
  await trustAuthority(home, authority);
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    env: { ...process.env, HOME: home },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP ${hostname} ${address}`,
    ],
  });
}

/** Tells what the policies of the pages and of their frames refuse them: `script-src-elem inline on https://…`. */
export async function onRefusal(page: Page, refused: (what: string) => void): Promise<void> {
  await page.exposeFunction('mcpRefused', refused);
  await page.addInitScript(
    `document.addEventListener('securitypolicyviolation', (seen) =>
       mcpRefused(seen.effectiveDirective + ' ' + seen.blockedURI + ' on ' + seen.documentURI))`,
  );
}

/** Chromium on Linux takes additional authorities from the user's NSS database. */
async function trustAuthority(home: string, authority: string): Promise<void> {
  const store = join(home, '.pki', 'nssdb');
  await mkdir(store, { recursive: true });
  const database = `sql:${store}`;
  for (const words of [
    ['-N', '--empty-password', '-d', database],
    ['-A', '-d', database, '-n', 'mcp', '-t', 'C,,', '-i', authority],
  ]) {
    const { exitCode, output } = await command('certutil', words);
    if (exitCode !== 0) throw new Error(`certutil ${words.join(' ')}: ${output}`);
  }
}

const [, script, request] = process.argv;
if (script === fileURLToPath(import.meta.url) && request !== undefined) {
  process.stdout.write(JSON.stringify(await visit(JSON.parse(request))));
}
