import { X509Certificate } from 'node:crypto';
import { askAsClient, statusOf } from '../../health/index.ts';
import { type Answer, type Probe, remotePatienceSeconds } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { proxyListeners, proxyVips, publishedListeners } from './names.ts';

export const probeName = 'nginx.front';

/**
 * What a client gets through each VIP, and whether this host reaches each server behind it. A host that does not hold
 * the VIP asks over the network like any client. Lines: `server LISTENER HOST yes|no`, `page VIP LISTENER STATUS
 * FINGERPRINT END`.
 */
export function frontProbe(topology: Topology): Probe {
  const listeners = proxyListeners(topology);
  const servers = listeners.flatMap(({ name, servers }) =>
    servers.map(({ host, address, port }) => ({ place: { address, port }, words: `${name} ${host}` })),
  );
  const pages = proxyVips(topology).flatMap((vip) =>
    [...listeners, ...publishedListeners(topology)].map((listener) => ({ vip, listener })),
  );
  return {
    name: probeName,
    deadlineSeconds: 8,
    asks: {
      needs: [{ path: '/usr/sbin/nginx' }],
      exchanges: [
        ...servers.map(({ place }) => ({
          place,
          ...({ sends: '', reads: 'nothing', seconds: remotePatienceSeconds } as const),
        })),
        ...pages.map(({ vip, listener }) => askAsClient(listener, vip, vip.address)),
      ],
      told: (answers) =>
        [
          ...servers.map(({ words }, index) => `server ${words} ${answers[index]?.reached ? 'yes' : 'no'}`),
          ...pages.map(({ vip, listener }, index) => {
            const answer = answers[servers.length + index];
            return `page ${vip.name} ${listener.name} ${said(answer)}`;
          }),
          '',
        ].join('\n'),
    },
  };
}

function said(answer: Answer | undefined): string {
  const status = (answer && statusOf(answer)) ?? 'none';
  if (answer?.certificate === undefined) return `${status}`;
  const { fingerprint256, validTo } = new X509Certificate(Buffer.from(answer.certificate, 'base64'));
  return `${status} ${fingerprint256} ${validTo.replaceAll(' ', '_')}`;
}
