import { z } from 'zod';
import type { FileResource } from '../../src/model/resource.ts';
import { defineService, type Service } from '../../src/model/service.ts';
import { type Instance, instancesOf, type Topology } from '../../src/model/topology.ts';
import { configFile, installedPackages, runningUnit } from '../../src/resources/index.ts';
import { isUp } from './simulated-hosts.ts';
import {
  type Holders,
  lastly,
  simulatedServices,
  type Texts,
  text,
  unitCheck,
} from './simulated-services.ts';

/**
 * The simulated services, whose files say who the others are, and one that lets clients in: what matters where hosts come
 * and go.
 */
export function simulatedMemberServices(texts: Texts, holders: Holders): readonly Service[] {
  const told = simulatedServices(texts, holders).map((service) => {
    switch (service.name) {
      case 'base':
        return listing(service, '/etc/base.conf', (_instance, { hosts }) => namesOf(hosts));
      case 'cluster':
        return { ...withDataToForget(readAtStart(service)), data: ['/var/lib/cluster'] };
      default:
        return listing(restartable(service, texts), '/etc/front.cfg', (_instance, topology) =>
          clusterOf(topology),
        );
    }
  });
  return [...told, admission(texts, holders)];
}

/** With a unit file of its own, whose change is a restart. */
const restartable = (service: Service, texts: Texts): Service => ({
  ...service,
  resources: (instance, topology, render) =>
    service
      .resources(instance, topology, render)
      .map((resource) =>
        resource.kind === 'file' && resource.path.startsWith('/etc/systemd/')
          ? { ...resource, content: text('front drop-in', 0, texts.unitFile) }
          : resource,
      ),
});

/** What every list of hosts in a file begins with. */
export const listKey = 'hosts = ';

/** Whom the cluster counts is told to a member that starts; one that runs knows. */
const readAtStart = (service: Service): Service =>
  listing(service, '/etc/cluster.conf', ({ members }) => namesOf(members), { readAtStart: /^hosts = / });

/** The script only says whom it concerns: who carries it out knows what comes of that. */
const withDataToForget = (service: Service): Service => ({
  ...service,
  forget: ({ host }, staying) =>
    staying.slice(0, 1).map((teller) => ({
      host: teller.host.name,
      title: `forget ${host.name}`,
      script: 'forget',
      timeoutSeconds: 1,
    })),
});

function listing(
  service: Service,
  path: string,
  listOf: (instance: Instance, topology: Topology) => string,
  also: Partial<FileResource> = {},
): Service {
  return {
    ...service,
    resources: (instance, topology, render) =>
      service.resources(instance, topology, render).map((resource) =>
        resource.kind === 'file' && resource.path === path
          ? {
              ...resource,
              ...also,
              content: `${resource.content}${listKey}${listOf(instance, topology)}\n`,
            }
          : resource,
      ),
  };
}

const namesOf = (hosts: readonly { readonly name: string }[]): string =>
  hosts.map(({ name }) => name).join(' ');

const clusterOf = (topology: Topology): string =>
  namesOf(instancesOf(topology, 'cluster').map(({ host }) => host));

const admissionUnit = '/etc/systemd/system/admission.service';

/** Lets clients come to the front of its host; one host with both can serve them. */
const admission = (texts: Texts, { vip }: Holders): Service =>
  defineService({
    name: 'admission',
    title: 'Admission',
    settings: z.object({}),
    sockets: () => [],
    roles: ['proxy'],
    after: ['front'],
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'one',
    admitsClients: true,
    resources: ({ members }) => [
      ...installedPackages('admission-package'),
      configFile({
        path: '/etc/admission.conf',
        content: `${text('admission', texts.comment, texts.restart)}${listKey}${namesOf(members)}\n`,
        template: 'admission',
      }),
      configFile({
        path: admissionUnit,
        content: text('admission unit', 0, texts.unitFile),
        template: 'admission',
      }),
      runningUnit('admission.service', { restartOn: [admissionUnit], reloadOn: ['/etc/admission.conf'] }),
    ],
    checks: (instances) => [
      unitCheck('admission', 'admission.service', instances),
      {
        name: 'admission.heirs',
        service: 'admission',
        title: 'what lets clients in has something that serves them',
        judge: (observed) =>
          instances
            .map(({ host }) => host.name)
            .filter((host) => isUp(observed, host, 'admission.service'))
            .filter((host) => !isUp(observed, host, 'front.service'))
            .map((host) => ({ severity: 'red', hosts: [host], message: `${host} serves nobody` })),
      },
    ],
    order: (instances) => lastly(instances, vip),
  });
