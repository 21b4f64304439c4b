import type { Secret } from './secret.ts';

/** PEM texts made by `mcp certs init` or brought by the operator. */
export interface Certificates {
  /** The authority that clients and services trust. */
  readonly authority: string | undefined;
  /** By VIP name. */
  readonly vips: Readonly<Record<string, Certificate>>;
  /** By host name. */
  readonly hosts: Readonly<Record<string, Certificate>>;
  /** Those in the authority's file, and those between it and the certificates of VIPs and hosts. */
  readonly issuers: readonly IssuerCertificate[];
}

export interface Certificate extends Validity {
  /** With those between it and its authority behind it. */
  readonly certificate: string;
  readonly key: Secret;
  /** `ours`: the authority's key is here, so `mcp certs renew` makes another. `theirs`: somebody else has to. */
  readonly signedBy: SignedBy;
}

/** A certificate that others were signed with. */
export interface IssuerCertificate extends Validity {
  readonly name: string;
  /** In which it stands, as an operator would type it. */
  readonly file: string;
  readonly signedBy: SignedBy;
  /** Whether anything that is in use rests on it. */
  readonly isNeeded: boolean;
}

type SignedBy = 'ours' | 'theirs';

/** Milliseconds since the epoch. */
interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Whoever has a certificate of its own. */
export interface CertificateOwner {
  /** `vip`: load balancers show it to clients. `host`: its daemons show it to each other and to clients, from both ends. */
  readonly kind: 'vip' | 'host';
  readonly name: string;
  /** Names and addresses by which it is reached, all of which a certificate of ours covers; what it is called comes first. */
  readonly names: readonly string[];
  /** Those by which programs verify it, which any certificate has to cover. */
  readonly needed: readonly string[];
  /** Services whose members need it; empty for a VIP. */
  readonly services: readonly string[];
  /** Whether some of its clients want each certificate of its chain made by RFC 5280 to the letter. */
  readonly isVerifiedStrictly?: boolean;
}

/**
 * From then on a certificate that is still good is pointed out. An authority of a company takes weeks; one for the public
 * gives out certificates for 90 days, which its clients renew at 30, so one with less is one that nobody has renewed.
 */
const renewBeforeMilliseconds = 30 * 24 * 60 * 60 * 1000;

/** What is wrong with the dates of a certificate at `now`, or will be soon; undefined: nothing. */
export function datedFlaw(
  { notBefore, notAfter }: Validity,
  now: number,
): { readonly severity: 'error' | 'warning'; readonly message: string } | undefined {
  if (notAfter <= now) return { severity: 'error', message: `expired on ${dayOf(notAfter)}` };
  if (now < notBefore) {
    return { severity: 'error', message: `is not valid before ${new Date(notBefore).toISOString()}` };
  }
  if (notAfter - now >= renewBeforeMilliseconds) return undefined;
  return { severity: 'warning', message: `expires on ${dayOf(notAfter)}` };
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** What is done about a certificate that no longer serves; `called`: what commands call its owner. */
export const renewalHint = (signedBy: SignedBy, called: string): string =>
  signedBy === 'ours'
    ? `run \`mcp certs renew ${called}\``
    : 'get a new one from whoever signed it, and put it and its key in their place';

/** What is wrong with the dates of one that others were signed with, and what is done about it; undefined: nothing. */
export function issuerFlaw(issuer: IssuerCertificate, now: number) {
  const flaw = datedFlaw(issuer, now);
  const { name, file, isNeeded } = issuer;
  if (flaw === undefined) return undefined;
  const told = { ...flaw, message: `the authority ${name} in ${file} ${flaw.message}` };
  if (isNeeded) return { ...told, hint: successionHint(issuer, now) };
  if (issuer.notAfter > now) return undefined;
  return { ...told, severity: 'warning' as const, hint: `nothing rests on it: take it out of ${file}` };
}

function successionHint({ signedBy, notAfter, file }: IssuerCertificate, now: number): string {
  if (signedBy === 'theirs') {
    return `get its successor and put that into ${file} beside it, then deploy; after that come certificates which the successor has signed`;
  }
  return now < notAfter
    ? 'run `mcp certs rotate`'
    : `remove ${file}, its key and what it signed, and run \`mcp certs init\``;
}

/** A name that is one owner's alone: a VIP may be called as a host is. */
export const ownerId = ({ kind, name }: Owner): string => `${kind}-${name}`;

/** What commands call it: its name, where no other owner among `all` has that. */
export const calledOwner = (owner: Owner, all: readonly Owner[]): string =>
  all.some(({ kind, name }) => name === owner.name && kind !== owner.kind) ? ownerId(owner) : owner.name;

export const ownerInWords = ({ kind, name }: Owner): string =>
  kind === 'vip' ? `the VIP ${name}` : `the host ${name}`;

type Owner = Pick<CertificateOwner, 'kind' | 'name'>;

/** Those that are there, VIPs first. */
export const eachCertificate = ({
  vips,
  hosts,
}: Pick<Certificates, 'vips' | 'hosts'>): readonly (Certificate & Owner)[] => [
  ...Object.entries(vips).map(([name, each]) => ({ ...each, kind: 'vip' as const, name })),
  ...Object.entries(hosts).map(([name, each]) => ({ ...each, kind: 'host' as const, name })),
];
