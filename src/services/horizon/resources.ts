import type { Resource } from '../../model/resource.ts';
import { secretOf } from '../../model/secret.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit, task } from '../../resources/index.ts';
import { authorities, databaseValues, identityUrl } from '../../resources/openstack/index.ts';
import {
  databaseUser,
  files,
  type HorizonInstance,
  ownAddress,
  role,
  secretKey,
  settingsFile,
  signInPath,
  systemUser,
} from './names.ts';

const packages = [
  'openstack-dashboard',
  'python3-pymemcache',
  'python3-pymysql',
  'uwsgi-core',
  'uwsgi-plugin-python3',
] as const;

export function resourcesFor(
  instance: HorizonInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const { host, settings } = instance;
  const listen = { address: ownAddress(host), port: settings.port, signInPath };
  return [
    ...installedPackages(...packages),
    directory({ path: '/usr/lib/mcp' }),
    configFile({
      path: settingsFile(host),
      // It holds the key that signs sessions.
      mode: '0640',
      group: systemUser,
      template: 'horizon/settings.py.hbs',
      content: render('horizon/settings.py.hbs', settingsValues(instance, topology)),
    }),
    configFile({
      path: files.uwsgi,
      template: 'horizon/uwsgi.ini.hbs',
      content: render('horizon/uwsgi.ini.hbs', {
        settings,
        listen: `${listen.address}:${listen.port}`,
        application: files.application,
        dashboard: host.platform.horizon.wsgiFile,
        signInPath,
      }),
    }),
    configFile({
      path: files.application,
      template: 'horizon/horizon-wsgi.py',
      content: render('horizon/horizon-wsgi.py', {}),
    }),
    configFile({
      path: files.gate,
      mode: '0755',
      template: 'horizon/horizon-gate.sh',
      content: render('horizon/horizon-gate.sh', {}),
    }),
    configFile({
      path: files.unit,
      template: 'horizon/horizon.service.hbs',
      content: render('horizon/horizon.service.hbs', {
        uwsgi: files.uwsgi,
        gate: files.gate,
        ...listen,
      }),
    }),
    ...tables(instance),
    runningUnit('horizon.service', {
      restartOn: [settingsFile(host), files.uwsgi, files.application, files.gate, files.unit],
    }),
  ];
}

/** The table of sessions, made from the first proxy for all. Django makes what is missing and nothing else. */
function tables({ host, members }: HorizonInstance): readonly Resource[] {
  if (host.name !== members[0]?.name) return [];
  return [
    task({
      name: 'horizon-tables',
      title: 'make the table of sessions',
      script: `runuser -u ${systemUser} -- python3 /usr/share/openstack-dashboard/manage.py migrate --noinput -v 0`,
      readsFiles: [settingsFile(host)],
      when: 'before-units',
    }),
  ];
}

function settingsValues({ host, settings }: HorizonInstance, topology: Topology): object {
  const proxies = topology.vips.filter((vip) => vip.role === role);
  const identity = identityUrl('internal', topology);
  const named = proxies.flatMap(({ address, hostname }) => [hostname ?? '', address]);
  // The loopback names are for a tunnel, and for whoever looks on the host itself.
  const allowed = [...named, ...settings.hostNames, ownAddress(host), 'localhost', '127.0.0.1'];
  return {
    allowedHosts: pythonList([...new Set(allowed.filter((name) => name !== ''))]),
    caches: pythonList(topology.caches.map(({ address, port }) => `${address}:${port}`)),
    secretKey: secretOf(topology.secrets, secretKey),
    sessionSeconds: settings.sessionMinutes * 60,
    secureCookies: proxies.every(({ tls }) => tls) ? 'True' : 'False',
    database: databaseValues(databaseUser, topology),
    keystoneHost: new URL(identity).hostname,
    keystoneUrl: identity,
    authorities,
    region: topology.region,
  };
}

const pythonList = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`;
