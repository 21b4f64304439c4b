import { describe, expect, test } from 'vitest';
import { instancesOf } from '../../../src/model/topology.ts';
import { keystone } from '../../../src/services/keystone/index.ts';
import type { KeystoneInstance } from '../../../src/services/keystone/names.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { fiveHosts, threeHosts } from '../../support/topology.ts';

const settings = keystone.settings.parse({});
const instancesIn = (topology: ReturnType<typeof wholeTopology>): readonly KeystoneInstance[] =>
  instancesOf(topology, 'keystone').map((instance) => ({ ...instance, settings }));

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = wholeTopology(hosts);

  test('files and units', async () => {
    await expectGolden(keystone, instancesIn(topology).slice(0, 2), { layout, topology });
  });
});

test('keys are put in place so that none is missing in between that another host encrypts with', async () => {
  const topology = wholeTopology(fiveHosts());
  const [instance] = instancesIn(topology);
  if (!instance) throw new Error('no instance');
  const paths = (await resourcesOf(keystone, instance, topology)).flatMap((resource) =>
    resource.kind === 'file' && resource.path.startsWith('/etc/keystone/fernet-keys/')
      ? [resource.path.replace(/.*\//, '')]
      : [],
  );
  // A rotation moves next → primary (2) → previous (1) → gone, and puts a new key into 0.
  let keys = new Map([
    ['0', 'next'],
    ['1', 'previous'],
    ['2', 'primary'],
  ]);
  const after = new Map([
    ['0', 'new'],
    ['1', 'primary'],
    ['2', 'next'],
  ]);
  for (const path of paths) {
    keys = new Map([...keys, [path, after.get(path) ?? '']]);
    expect([...keys.values()]).toEqual(expect.arrayContaining(['primary', 'next']));
  }
  expect(keys).toEqual(after);
});

test('clients outside find Keystone on the public VIP, services inside on the control VIP', async () => {
  const topology = wholeTopology(fiveHosts());
  const [instance] = instancesIn(topology);
  if (!instance) throw new Error('no instance');
  const catalogue = (await resourcesOf(keystone, instance, topology)).find(
    (resource) => resource.kind === 'file' && resource.path.endsWith('catalogue.json'),
  );
  const content: unknown = JSON.parse(catalogue?.kind === 'file' ? catalogue.content : '');
  expect(content).toMatchObject({
    services: expect.arrayContaining([
      expect.objectContaining({
        type: 'identity',
        endpoints: {
          public: 'https://cloud.lab:5000/v3',
          internal: 'https://internal.cloud.lab:5000/v3',
          admin: 'https://internal.cloud.lab:5000/v3',
        },
      }),
    ]),
  });
});
