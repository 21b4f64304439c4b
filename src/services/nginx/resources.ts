import { inUrl } from '../../model/address.ts';
import { McpError } from '../../model/failure.ts';
import type { Host } from '../../model/host.ts';
import type { Listener } from '../../model/listener.ts';
import { multiline } from '../../model/multiline.ts';
import type { FileResource, Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import { insideAddress, type ResolvedVip, type Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit } from '../../resources/index.ts';
import { authorities, ownAuthority } from '../../resources/openstack/index.ts';
import {
  alivePath,
  certificateFile,
  configFileName,
  dropIn,
  frontOf,
  gatewayVip,
  keyFile,
  type NginxInstance,
  proxyListeners,
  proxyVips,
  publishedListeners,
  tlsDirectory,
  unit,
} from './names.ts';
import type { NginxSettings } from './settings.ts';

export function resourcesFor(
  { host, settings }: NginxInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const tlsFiles = proxyVips(topology)
    .filter(({ tls }) => tls)
    .flatMap((vip) => tlsFilesOf(vip, topology, render));
  // It reads the bundle when it is loaded.
  const trusted = topology.certificates.authority === undefined ? [] : [ownAuthority(topology.cloud)];
  return [
    // openssl: the probe looks at the certificate that is served.
    ...installedPackages('nginx', 'openssl'),
    directory({ path: tlsDirectory, mode: '0700' }),
    directory({ path: `/etc/systemd/system/${unit}.d` }),
    ...tlsFiles,
    configFile({
      path: configFileName,
      template: 'nginx/nginx.conf.hbs',
      content: render('nginx/nginx.conf.hbs', configValues(host, settings, topology)),
    }),
    configFile({
      path: dropIn,
      template: 'nginx/nginx.service.conf.hbs',
      content: render('nginx/nginx.service.conf.hbs', { trackFile: frontOf(settings).trackFile }),
    }),
    runningUnit(unit, {
      guarded: true,
      restartOn: [dropIn],
      reloadOn: [configFileName, ...tlsFiles.map(({ path }) => path), ...trusted],
    }),
  ];
}

function configValues({ platform }: Host, settings: NginxSettings, topology: Topology): object {
  const listeners = proxyListeners(topology);
  const published = publishedListeners(topology);
  const vips = proxyVips(topology);
  return {
    settings,
    openFiles: openFilesFor(settings),
    hsts: settings.hstsSeconds > 0,
    http2Directive: platform.nginx.http2Directive,
    signIn: signInValues(settings, topology, [...listeners, ...published]),
    alivePath,
    upstreams: [
      ...listeners.map(({ name, servers }) => ({
        name,
        servers: servers.map(({ address, port }) => `${address}:${port}`),
      })),
      ...published.map(({ name, port }) => ({ name, servers: throughGateway(port, topology) })),
    ].map((upstream) => ({ ...upstream, zoneKilobytes: zoneFor(upstream.servers) })),
    sites: [
      ...listeners.flatMap((listener) => vips.map((vip) => siteValues(listener, vip))),
      ...published.flatMap((listener) =>
        vips.map((vip) => ({ ...siteValues(listener, vip), gateway: gatewayValues(topology) })),
      ),
    ],
    redirects: vips.filter(({ tls }) => tls).map(({ address }) => address),
  };
}

/** Each connection has a file, a buffered request or answer one more; some are left for logs and listeners. */
const openFilesFor = ({ workerConnections }: NginxSettings): number =>
  Math.max(16_384, 2 * workerConnections + 512);

/** What its workers share about servers: 64k are full with 32 of them. */
const zoneFor = (servers: readonly string[]): number => 64 * Math.max(1, Math.ceil(servers.length / 16));

/** How often one client may try a password, and where it would. False: nothing is bounded. */
function signInValues(
  { signInsPerMinute, signInUnlimited }: NginxSettings,
  { inventory: { networks } }: Topology,
  listeners: readonly Listener[],
): object | false {
  const paths = listeners.flatMap(({ signIn = [] }) => signIn);
  if (signInsPerMinute === 0 || paths.length === 0) return false;
  const own = [networks.management, networks.internal].flatMap((network) => network?.cidr ?? []);
  return { paths, unlimited: [...new Set(signInUnlimited ?? own)] };
}

/**
 * The control VIP, named twice: while it moves (0.6 s, or a hand-over that lets no new connection in) a request is
 * tried again there, and its client notices nothing but the wait.
 */
function throughGateway(port: number, topology: Topology): readonly string[] {
  const address = gatewayVip(topology)?.address;
  if (address === undefined) return [];
  const server = `${inUrl(address)}:${port}`;
  return [server, server];
}

function gatewayValues(topology: Topology): object {
  const vip = gatewayVip(topology);
  return {
    scheme: vip?.tls ? 'https' : 'http',
    tls: vip?.tls === true,
    name: vip?.hostname ?? vip?.address ?? '',
    authorities,
  };
}

const siteValues = (listener: Listener, vip: ResolvedVip): object => ({
  upstream: listener.name,
  listen: `${vip.address}:${listener.port}`,
  inside: `${insideAddress(vip)}:${listener.port}`,
  hostName: vip.hostname ?? '_',
  tls: vip.tls,
  certificate: certificateFile(vip),
  key: keyFile(vip),
  triesPasswords: listener.signIn !== undefined,
  pagePolicy: listener.pagePolicy?.join('; ') ?? false,
  statics: listener.statics.map(({ prefix, directory: path }) => ({
    prefix: withSlash(prefix),
    directory: withSlash(path),
  })),
});

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

function tlsFilesOf(vip: ResolvedVip, { certificates }: Topology, render: Render): readonly FileResource[] {
  const pair = certificates.vips[vip.name];
  if (!pair) {
    throw new McpError('invalid-inventory', `there is no certificate for the VIP ${vip.name}`, {
      hint: 'Run mcp certs init, or put yours beside the inventory.',
    });
  }
  const pem = (path: string, mode: string, text: Parameters<typeof multiline>[0]) =>
    configFile({
      path,
      mode,
      template: 'nginx/vip.pem.hbs',
      content: render('nginx/vip.pem.hbs', { pem: multiline(text) }),
    });
  return [pem(certificateFile(vip), '0644', pair.certificate), pem(keyFile(vip), '0600', pair.key)];
}
