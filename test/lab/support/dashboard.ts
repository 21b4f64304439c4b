import type { BrowserSession } from './browser-session.ts';
import type { LabOf } from './mcp.ts';
import type { OpenstackClient } from './openstack-client.ts';

/**
 * Pages of the dashboard, and what each shows of the cloud, which only somebody who is signed in sees. Three come with it;
 * that of images fetches it by a dozen requests of its own once it has loaded.
 */
export const pages = {
  '/identity/': 'seen',
  '/project/networks/': 'seen-network',
  '/project/images/': 'seen-image',
  '/admin/flavors/': 'seen-flavor',
} as const;

/** Makes what the pages show, unless it is there: names are not unique. */
export async function makeWhatPagesShow(client: OpenstackClient): Promise<void> {
  if ((await client('image list -f value -c Name')).includes('seen-image')) return;
  await client('project create --or-show seen');
  await client('network create seen-network');
  await client('subnet create --network seen-network --subnet-range 192.0.2.0/24 seen-subnet');
  await client('flavor create --ram 64 --disk 1 --vcpus 1 seen-flavor');
  await client('image create --disk-format raw --file /etc/hostname seen-image');
}

/** How much longer each page took without each host's memcached than before, in milliseconds, at its slowest. */
export async function delaysWithoutCaches(
  lab: LabOf,
  browser: BrowserSession,
): Promise<Readonly<Record<string, number>>> {
  // A dashboard that was just started loads each page's code when it is first asked for.
  await slowestVisits(browser, 12);
  const usual = await slowestVisits(browser, 6);
  const delays: Record<string, number> = {};
  for (const host of ['ctl01', 'ctl02', 'ctl03']) {
    await lab.on(host, 'systemctl kill -s KILL memcached; systemctl stop memcached');
    for (const [path, milliseconds] of Object.entries(await slowestVisits(browser, 6)))
      delays[`${path} without ${host}`] = milliseconds - (usual[path] ?? Number.NaN);
    await lab.on(host, 'systemctl start memcached');
  }
  return delays;
}

/** Milliseconds of each page's slowest visit; they take turns, so that the first after a cache's death is not always one page's. */
async function slowestVisits(
  browser: BrowserSession,
  visits: number,
): Promise<Readonly<Record<string, number>>> {
  const slowest: Record<string, number> = {};
  for (let visit = 0; visit < visits; visit += 1)
    for (const [path, text] of Object.entries(pages)) {
      const { milliseconds } = await browser.open(path, text);
      slowest[path] = Math.max(slowest[path] ?? 0, milliseconds);
    }
  return slowest;
}
