import { expect, test } from 'vitest';
import { platformOf } from '../../src/platform/index.ts';

test('trixie has RabbitMQ 4, where quorum queues took the place of mirrored ones', () => {
  expect(platformOf({ distribution: 'debian', release: 'bookworm' }).rabbitmq).toEqual({
    majorVersion: 3,
    mirroring: 'ha-mode',
  });
  expect(platformOf({ distribution: 'debian', release: 'trixie' }).rabbitmq).toEqual({
    majorVersion: 4,
    mirroring: 'quorum',
  });
});

test.each(['bookworm', 'trixie'] as const)('the row of %s says whose it is', (release) => {
  expect(platformOf({ distribution: 'debian', release })).toMatchObject({ distribution: 'debian', release });
});
