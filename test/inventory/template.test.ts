import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { services } from '../../src/services/index.ts';
import { loadTopology } from '../../src/workflows/load.ts';

const template = fileURLToPath(new URL('../../inventories/template.yaml', import.meta.url));

test('what operators copy is valid, and nothing in it comes from a lab', async () => {
  const { topology, warnings } = await loadTopology(template, { needs: 'topology' });
  expect(warnings.filter(({ path }) => path[0] !== 'secrets' && path[0] !== 'certificates')).toEqual([]);
  const { lab, ssh, services: said } = topology.inventory;
  expect({ lab, namespace: ssh.namespace, identityFiles: ssh.identityFiles }).toEqual({
    lab: undefined,
    namespace: undefined,
    identityFiles: [],
  });
  const changed = services.filter(
    ({ name, settings }) => JSON.stringify(said[name]) !== JSON.stringify(settings.parse({})),
  );
  expect(changed.map(({ name }) => name)).toEqual(['glance']);
});
