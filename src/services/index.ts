import type { Service } from '../model/service.ts';
import { apiChecker } from './api-checker/index.ts';
import { galera } from './galera/index.ts';
import { glance } from './glance/index.ts';
import { haproxy } from './haproxy/index.ts';
import { horizon } from './horizon/index.ts';
import { host } from './host/index.ts';
import { keepalived } from './keepalived/index.ts';
import { keystone } from './keystone/index.ts';
import { memcached } from './memcached/index.ts';
import { neutron } from './neutron/index.ts';
import { nginx } from './nginx/index.ts';
import { nova } from './nova/index.ts';
import { ownFiles } from './own-files/index.ts';
import { ownHttp } from './own-http/index.ts';
import { placement } from './placement/index.ts';
import { rabbitmq } from './rabbitmq/index.ts';

/** Every service that `mcp` deploys. Adding one is a folder here, a folder in templates/, and one line. */
export const services: readonly Service[] = [
  host,
  ownFiles,
  galera,
  rabbitmq,
  memcached,
  apiChecker,
  haproxy,
  keepalived,
  keystone,
  glance,
  placement,
  nova,
  neutron,
  nginx,
  horizon,
  // What may come and go comes last: a VIP is asked for the first that it offers.
  ownHttp,
];
