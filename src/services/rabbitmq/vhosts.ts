import type { Platform } from '../../model/platform.ts';
import { drillVhost, type RabbitmqSettings } from './settings.ts';

export interface VirtualHost {
  readonly name: string;
  /** What a durable queue is whose client asks for no type. */
  readonly queuesAre: 'classic' | 'quorum';
}

export const vhostsFor = (settings: RabbitmqSettings, platform: Platform): readonly VirtualHost[] => [
  ...cloudVhosts(settings, platform),
  { name: drillVhost, queuesAre: platform.rabbitmq.mirroring === 'quorum' ? 'quorum' : 'classic' },
];

/** Those of the OpenStack services. */
export function cloudVhosts(settings: RabbitmqSettings, platform: Platform): readonly VirtualHost[] {
  const calls: VirtualHost = { name: settings.vhost, queuesAre: 'classic' };
  const apart = notificationsVhost(settings, platform);
  return apart === undefined ? [calls] : [calls, { name: apart, queuesAre: 'quorum' }];
}

/**
 * Where notifications have a virtual host of their own. A policy mirrors a queue whatever it is; a quorum queue is one from
 * its declaration, by a client for whom the exchange before it is durable too. Nova and Neutron tell and call through
 * exchanges of one name, and those of calls are not durable: in one virtual host whoever comes second is refused.
 */
export const notificationsVhost = ({ vhost }: RabbitmqSettings, platform: Platform): string | undefined =>
  platform.rabbitmq.mirroring === 'quorum' ? `${vhost}_notifications` : undefined;
