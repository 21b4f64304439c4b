import { expect, test } from 'vitest';
import type { Service } from '../../src/model/service.ts';
import type { Instance, Topology } from '../../src/model/topology.ts';
import { platformOf } from '../../src/platform/index.ts';
import { haproxy } from '../../src/services/haproxy/index.ts';
import { host as hostService } from '../../src/services/host/index.ts';
import { services } from '../../src/services/index.ts';
import { keystone } from '../../src/services/keystone/index.ts';
import { nginx } from '../../src/services/nginx/index.ts';
import { ownHttp } from '../../src/services/own-http/index.ts';
import { checkTopology, resolveTopology } from '../../src/topology/index.ts';
import { resourcesOf } from '../support/golden.ts';
import { wholeTopology } from '../support/openstack.ts';
import { fiveHosts } from '../support/topology.ts';

const cinder = {
  port: 8776,
  servers: { role: 'control' },
  catalogue: { type: 'volumev3', path: '/v3/%(project_id)s', description: 'Block storage' },
};
const store = {
  port: 8080,
  serverPort: 7480,
  check: { path: '/', expect: 200 },
  servers: { addresses: ['192.0.2.7'] },
};

const inventoryWith = (own: object) => {
  const { inventory } = wholeTopology(fiveHosts());
  return {
    ...inventory,
    services: { ...inventory.services, 'own-http': ownHttp.settings.parse({ services: own }) },
  };
};

function topologyWith(own: object): Topology {
  const [first] = fiveHosts();
  if (!first) throw new Error('no host');
  return resolveTopology(inventoryWith(own), services, () => first.platform);
}

async function fileOf(service: Service, path: string, topology: Topology): Promise<string> {
  const instance = topology.instances.find((each): each is Instance => each.service === service.name);
  if (!instance) throw new Error('it runs nowhere');
  const resources = await resourcesOf(service, instance, topology);
  const file = resources.find((each) => each.kind === 'file' && each.path === path);
  return file?.kind === 'file' ? file.content : '';
}

test('it is behind both load balancers, in the catalogue, and its own port is for the cloud alone', async () => {
  const topology = topologyWith({ cinder, store });
  const balancer = await fileOf(haproxy as Service, '/etc/haproxy/haproxy-api.cfg', topology);
  const section = balancer.slice(balancer.indexOf('listen cinder'), balancer.indexOf('listen store'));
  expect(section).toContain('bind 10.77.0.100:8776 ssl crt /etc/haproxy/ssl/control.pem');
  expect(section).toContain('http-check send meth GET uri /healthcheck');
  expect(section).toContain('server ctl02 10.77.0.12:8776 check port 8776');
  expect(balancer).toContain('server 192-0-2-7 192.0.2.7:7480 check port 7480');
  const proxy = await fileOf(nginx as Service, '/etc/nginx/nginx.conf', topology);
  expect(proxy).toContain('listen 10.77.0.102:8776 ssl');
  expect(proxy).toContain('listen 10.77.0.102:8080 ssl');
  const catalogue = JSON.parse(
    await fileOf(keystone as Service, '/etc/keystone/mcp-catalogue.json', topology),
  );
  expect(catalogue.services.at(-1)).toEqual({
    name: 'cinder',
    type: 'volumev3',
    description: 'Block storage',
    own: true,
    endpoints: {
      public: 'https://cloud.lab:8776/v3/%(project_id)s',
      internal: 'https://internal.cloud.lab:8776/v3/%(project_id)s',
      admin: 'https://internal.cloud.lab:8776/v3/%(project_id)s',
    },
  });
  const rules = await fileOf(hostService as Service, '/etc/mcp/firewall.nft', topology);
  expect(rules).toContain('ip daddr 10.77.0.11 tcp dport 8776 reject with tcp reset');
});

test('what is not public stays on the control VIP', async () => {
  const proxy = await fileOf(
    nginx as Service,
    '/etc/nginx/nginx.conf',
    topologyWith({ cinder: { ...cinder, public: false } }),
  );
  expect(proxy).not.toContain('8776');
});

test.each([
  ['a port that is taken', { nine: { ...cinder, port: 9292 } }, /9292/],
  ['a name of ours', { glance: cinder }, /glance is a listener of ours/],
  ['a section of HAProxy', { alive: cinder }, /alive means something else/],
  ['what Nginx shares about TLS', { tls: cinder }, /tls means something else/],
  ['what Nginx shares about passwords', { 'sign-in': cinder }, /sign-in means something else/],
  [
    'a server that is named twice',
    { other: { ...cinder, servers: { addresses: ['192.0.2.7', '192.0.2.7'] } } },
    /192\.0\.2\.7 is named twice/,
  ],
  ['a type of ours', { other: { ...cinder, catalogue: { type: 'image' } } }, /is the image of this cloud/],
  [
    'a host that is not there',
    { other: { ...cinder, servers: { hosts: ['ctl09'] } } },
    /there is no host ctl09/,
  ],
  [
    'an address of ours',
    { other: { ...cinder, servers: { addresses: ['10.77.0.11'] } } },
    /is a host of the inventory/,
  ],
  ['a VIP of ours', { other: { ...cinder, servers: { addresses: ['10.77.0.100'] } } }, /is a VIP of ours/],
])('%s is a mistake', (_what, own, message) => {
  const found = checkTopology(inventoryWith(own), services, { platformOf });
  expect(
    found
      .filter(({ severity }) => severity === 'error')
      .map((each) => each.message)
      .join('\n'),
  ).toMatch(message);
});

test.each([{ role: 'contrl' }, { role: 'control', hosts: ['ctl01'] }, {}])(
  'servers that are %j are told what they may be',
  (servers) => {
    const { error } = ownHttp.settings.safeParse({ services: { cinder: { ...cinder, servers } } });
    expect(error?.issues[0]?.message).toMatch(/one of \{ role: ROLE }/);
  },
);
