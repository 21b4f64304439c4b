import { inUrl } from '../../model/address.ts';
import type { Host } from '../../model/host.ts';
import type { FileResource, Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import { directory } from '../directory.ts';
import { configFile } from '../file.ts';
import { apiAddress } from './api.ts';

interface UwsgiApi {
  /** What Debian's start script reads: `/etc/default/keystone`. */
  readonly path: string;
  /** The package's own settings, which stay as they are. */
  readonly ini: string;
  readonly port: number;
  readonly processes: number;
  readonly threads: number;
  /** Python that each process reads before the service. */
  readonly firstReads?: string;
}

/** The arguments of an API under uwsgi: one address instead of all, and as many workers as the inventory says. */
export const uwsgiArguments = ({ path, ...values }: UwsgiApi, host: Host, render: Render): FileResource =>
  configFile({
    path,
    template: 'api/uwsgi-arguments.hbs',
    content: render('api/uwsgi-arguments.hbs', { ...values, address: inUrl(apiAddress(host)) }),
  });

/** For an API with several threads that eventlet does not patch: locks that threads can share. */
export const threadLocks = (service: string, render: Render): FileResource =>
  configFile({
    path: threadLocksOf(service),
    template: 'api/thread-locks.py',
    content: render('api/thread-locks.py', {}),
  });

export const threadLocksOf = (service: string): string => `/usr/lib/mcp/${service}-thread-locks.py`;

/** How systemd treats the unit of an API. */
export const apiDropIn = (unit: string, render: Render): readonly Resource[] =>
  dropIn(unit, render, { worker: false });

/** How systemd treats a unit that reads the configuration of an API under uwsgi, and is none itself. */
export const workerDropIn = (unit: string, render: Render): readonly Resource[] =>
  dropIn(unit, render, { worker: true });

const dropIn = (unit: string, render: Render, values: { readonly worker: boolean }): readonly Resource[] => [
  directory({ path: `/etc/systemd/system/${unit}.d` }),
  configFile({
    path: dropInOf(unit),
    template: 'api/drop-in.conf.hbs',
    content: render('api/drop-in.conf.hbs', values),
  }),
];

export const dropInOf = (unit: string): string => `/etc/systemd/system/${unit}.d/mcp.conf`;

/** A file with passwords: root's, and read by the service's own group. */
export const secretFile = (
  wanted: Pick<FileResource, 'path' | 'template' | 'content' | 'group'> & Partial<FileResource>,
): FileResource => configFile({ mode: '0640', ...wanted });
