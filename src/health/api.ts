import type { Check, Finding, StatusSection } from '../model/check.ts';
import { type ObservedState, probeOutput, reachable } from '../model/observed.ts';
import { localPatienceSeconds, notInstalled, type Probe } from '../model/probe.ts';
import { askForPage, statusOf } from './pages.ts';

/** An API on one host, as the host itself asks for it. */
export interface AskedApi {
  /** Name of the API: `keystone`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Is there once the service is installed: its configuration. */
  readonly installed: string;
}

/** Asks an API on its own host: `status=200 milliseconds=12`. */
export const apiProbe = ({ name, address, port, path, installed }: AskedApi): Probe => ({
  name: probeName(name),
  deadlineSeconds: 8,
  asks: {
    needs: [{ path: installed }],
    exchanges: [
      askForPage({
        ...{ address, port, path, site: 'localhost', tls: false },
        ...{ wants: 'status', seconds: localPatienceSeconds },
      }),
    ],
    told: ([answer]) => {
      const status = answer && statusOf(answer);
      return `status=${status ?? 'none'} milliseconds=${answer?.milliseconds ?? 0}\n`;
    },
  },
});

const probeName = (api: string): string => `${api}.api`;

/** What an API said: a status, nothing, or that it could not be asked. */
type ApiReply =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-installed' }
  | { readonly kind: 'answer'; readonly status: number | undefined; readonly milliseconds: number };

function replyOf(api: string, host: string, observed: ObservedState): ApiReply {
  const output = probeOutput(observed, host, probeName(api));
  if (output?.trim() === notInstalled) return { kind: 'not-installed' };
  const found = /^status=(\S+) milliseconds=(\d+)$/m.exec(output ?? '');
  if (!found) return { kind: 'unknown' };
  const status = Number(found[1]);
  return {
    kind: 'answer',
    status: Number.isNaN(status) ? undefined : status,
    milliseconds: Number(found[2]),
  };
}

/** A service of OpenStack as its checks see it. */
export interface ApiHealth {
  readonly service: string;
  readonly title: string;
  readonly apis: readonly { readonly name: string; readonly expect: number }[];
}

/** What runs of it on a host. */
export interface HostUnits {
  readonly host: string;
  readonly units: readonly string[];
}

/** Every unit runs, and every API answers on every host. That the load balancers think so too is their own check. */
export const apiChecks = (
  { service, title, apis }: ApiHealth,
  hosts: readonly HostUnits[],
): readonly Check[] => [
  {
    name: `${service}.running`,
    service,
    title: `${title} runs on every host`,
    judge: (observed) =>
      hosts.flatMap(({ host, units }) => units.flatMap((unit) => judgeUnit(unit, host, observed))),
  },
  {
    name: `${service}.answers`,
    service,
    title: `${title} answers on every host`,
    judge: (observed) =>
      apis.flatMap(({ name, expect }) =>
        hosts.flatMap(({ host }) => judgeReply({ host, name, expect, reply: replyOf(name, host, observed) })),
      ),
  },
];

function judgeUnit(unit: string, host: string, observed: ObservedState): readonly Finding[] {
  const now = reachable(observed, host);
  if (!now) return [red(host, 'the host does not answer')];
  const state = now.units.get(unit)?.activeState ?? 'not set up';
  if (state === 'active') return [];
  return [red(host, `${unit} is ${state} on ${host}`, `Look at journalctl -u ${unit} there.`)];
}

interface Judged {
  readonly host: string;
  readonly name: string;
  readonly expect: number;
  readonly reply: ApiReply;
}

function judgeReply({ host, name, expect, reply }: Judged): readonly Finding[] {
  switch (reply.kind) {
    case 'unknown':
      return [red(host, `${name} could not be asked in time on ${host}`)];
    case 'not-installed':
      return [red(host, `${name} is not set up on ${host}`, 'Run mcp deploy.')];
    case 'answer':
      if (reply.status === expect) return [];
      return [red(host, `${name} answers ${reply.status ?? 'nothing'} on ${host}`)];
  }
}

/** A line per host: the units, what the API said and how long it took. */
export const apiStatus = (
  { title, apis }: ApiHealth,
  hosts: readonly HostUnits[],
  observed: ObservedState,
): readonly StatusSection[] => [
  {
    title,
    columns: [
      'host',
      ...unitsAmong(hosts).map((unit) => unit.replace(/\.service$/, '')),
      ...apis.map(({ name }) => name),
    ],
    rows: hosts.map(({ host }) => [
      host,
      ...unitsAmong(hosts).map(
        (unit) => reachable(observed, host)?.units.get(unit)?.activeState ?? 'unknown',
      ),
      ...apis.map(({ name }) => said(replyOf(name, host, observed))),
    ]),
  },
];

const unitsAmong = (hosts: readonly HostUnits[]): readonly string[] => [
  ...new Set(hosts.flatMap(({ units }) => units)),
];

const said = (reply: ApiReply): string =>
  reply.kind === 'answer'
    ? `${reply.status ?? 'nothing'} in ${reply.milliseconds} ms`
    : reply.kind.replace('-', ' ');

const red = (host: string, message: string, hint?: string): Finding => ({
  severity: 'red',
  hosts: [host],
  message,
  ...(hint === undefined ? {} : { hint }),
});
