import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Instance } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit } from '../../resources/index.ts';
import { listenAddress, port, unit } from './layout.ts';
import type { MemcachedSettings } from './settings.ts';

const optionsFile = '/etc/memcached.conf';
const dropIn = '/etc/systemd/system/memcached.service.d/mcp.conf';

/** The daemon, its options, and what systemd does when it dies. */
export function memcachedResources(
  { host, settings }: Instance<MemcachedSettings>,
  render: Render,
): readonly Resource[] {
  const { memoryMegabytes, maxConnections } = settings;
  const address = listenAddress(host);
  return [
    ...installedPackages('memcached'),
    directory({ path: '/etc/systemd/system/memcached.service.d' }),
    configFile({
      path: optionsFile,
      template: 'memcached/memcached.conf.hbs',
      content: render('memcached/memcached.conf.hbs', { address, port, memoryMegabytes, maxConnections }),
    }),
    configFile({
      path: dropIn,
      template: 'memcached/memcached-dropin.conf.hbs',
      // Its own files and those of its threads come on top of the connections.
      content: render('memcached/memcached-dropin.conf.hbs', { openFiles: maxConnections + 256 }),
    }),
    runningUnit(unit, { restartOn: [optionsFile, dropIn] }),
  ];
}
