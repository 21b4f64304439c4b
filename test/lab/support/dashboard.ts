import { expect } from 'vitest';
import type { BrowserSession } from './browser-session.ts';
import type { LabOf } from './mcp.ts';

/**
 * How much longer the slowest of some pages took without each host's memcached than before, in milliseconds. Every page
 * must show `mark`, which only somebody who is signed in sees.
 */
export async function delaysWithoutCaches(
  lab: LabOf,
  browser: BrowserSession,
  mark: string,
): Promise<Readonly<Record<string, number>>> {
  const slowestOf = (visits: number) => slowestPage(browser, mark, visits);
  // A dashboard that was just started loads each page's code when it is first asked for.
  await slowestOf(12);
  const usual = await slowestOf(6);
  const delays: Record<string, number> = {};
  for (const host of ['ctl01', 'ctl02', 'ctl03']) {
    await lab.on(host, 'systemctl kill -s KILL memcached; systemctl stop memcached');
    delays[host] = (await slowestOf(6)) - usual;
    await lab.on(host, 'systemctl start memcached');
  }
  return delays;
}

async function slowestPage(browser: BrowserSession, mark: string, visits: number): Promise<number> {
  let slowest = 0;
  for (let visit = 0; visit < visits; visit += 1) {
    const { text, milliseconds } = await browser.open('/project/networks/');
    expect(text).toContain(mark);
    slowest = Math.max(slowest, milliseconds);
  }
  return slowest;
}
