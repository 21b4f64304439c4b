import type { Resource } from '../../model/resource.ts';
import { secretOf } from '../../model/secret.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit } from '../../resources/index.ts';
import {
  files,
  type HorizonInstance,
  ownAddress,
  role,
  secretKey,
  settingsFile,
  signInPath,
} from './names.ts';

const packages = ['openstack-dashboard', 'uwsgi-core', 'uwsgi-plugin-python3', 'python3-pymemcache'] as const;

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
      group: 'www-data',
      template: 'horizon/settings.py.hbs',
      content: render('horizon/settings.py.hbs', settingsValues(instance, topology)),
    }),
    configFile({
      path: files.uwsgi,
      template: 'horizon/uwsgi.ini.hbs',
      content: render('horizon/uwsgi.ini.hbs', {
        settings,
        listen: `${listen.address}:${listen.port}`,
        wsgiFile: host.platform.horizon.wsgiFile,
      }),
    }),
    configFile({
      path: files.gate,
      mode: '0755',
      template: 'horizon/horizon-gate.hbs',
      content: render('horizon/horizon-gate.hbs', listen),
    }),
    configFile({
      path: files.unit,
      template: 'horizon/horizon.service.hbs',
      content: render('horizon/horizon.service.hbs', { uwsgi: files.uwsgi, gate: files.gate }),
    }),
    runningUnit('horizon.service', {
      restartOn: [settingsFile(host), files.uwsgi, files.gate, files.unit],
    }),
  ];
}

function settingsValues({ host, settings }: HorizonInstance, topology: Topology): object {
  const proxies = topology.vips.filter((vip) => vip.role === role);
  const control = topology.vips.find((vip) => vip.role === 'control');
  const named = proxies.flatMap(({ address, hostname }) => [hostname ?? '', address]);
  // The loopback names are for a tunnel, and for whoever looks on the host itself.
  const allowed = [...named, ...settings.hostNames, ownAddress(host), 'localhost', '127.0.0.1'];
  return {
    allowedHosts: pythonList([...new Set(allowed.filter((name) => name !== ''))]),
    caches: pythonList(topology.caches.map(({ address, port }) => `${address}:${port}`)),
    secretKey: secretOf(topology.secrets, secretKey),
    sessionSeconds: settings.sessionMinutes * 60,
    secureCookies: proxies.every(({ tls }) => tls) ? 'True' : 'False',
    keystoneHost: control?.hostname ?? control?.address ?? 'localhost',
    keystoneUrl: control
      ? `${control.tls ? 'https' : 'http'}://${control.hostname ?? control.address}:5000/v3`
      : 'http://localhost:5000/v3',
    region: topology.region,
  };
}

const pythonList = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`;
