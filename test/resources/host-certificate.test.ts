import { expect, test } from 'vitest';
import { renderFor } from '../../src/render/index.ts';
import { type HostCertificate, hostCertificate } from '../../src/resources/index.ts';
import { templates } from '../support/golden.ts';
import { aTopology } from '../support/topology.ts';

const topology = aTopology();
const [host] = topology.hosts;
const filesFor = async (key: 'inside' | 'beside', name = host?.name ?? ''): Promise<HostCertificate> => {
  if (host === undefined) throw new Error('no host');
  const render = renderFor(await templates, [], host);
  return hostCertificate({ host: name, directory: '/etc/alpha/tls', group: 'alpha', key }, topology, render);
};

test("a service's group alone reads the key of its host, wherever that stands, and all may read the authority", async () => {
  const inside = await filesFor('inside');
  expect(inside.files.map(({ path, mode, owner, group }) => [path, mode, `${owner}:${group}`])).toEqual([
    ['/etc/alpha/tls/ca.crt', '0644', 'root:root'],
    ['/etc/alpha/tls/host.pem', '0640', 'root:alpha'],
  ]);
  expect([inside.certificate, inside.key]).toEqual(['/etc/alpha/tls/host.pem', '/etc/alpha/tls/host.pem']);
  expect(inside.files[1]?.content).toMatch(
    /BEGIN CERTIFICATE[\s\S]*ctl01[\s\S]*BEGIN PRIVATE KEY[\s\S]*ctl01/,
  );
  const beside = await filesFor('beside');
  expect(beside.files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '0644 /etc/alpha/tls/ca.crt',
    '0640 /etc/alpha/tls/host.crt',
    '0640 /etc/alpha/tls/host.key',
  ]);
  expect([beside.certificate, beside.key]).toEqual(['/etc/alpha/tls/host.crt', '/etc/alpha/tls/host.key']);
  expect(beside.files[1]?.content).not.toContain('PRIVATE KEY');
});

test('a host without a certificate is no host that speaks TLS', async () => {
  await expect(filesFor('inside', 'ctl09')).rejects.toMatchObject({
    code: 'invalid-inventory',
    details: { hint: 'Run mcp certs init, or put yours beside the inventory.' },
  });
});
