import type { ResolvedVip } from '../model/topology.ts';
import { marksDirectory, vipMark } from './vip-marks.ts';

/** The nftables table that exists while a VIP is handed over. */
export const handOverTable = 'mcp_handover';

/** How to tell on its holder what is in flight on a VIP: by its connections, and by who else knows. */
export type InFlight = {
  /**
   * A connection that said something this short a time ago may be in the middle of something. Encrypted ones need
   * long: whether they wait for an answer can't be seen from outside.
   */
  readonly quietMilliseconds: number;
} & (
  | { readonly kind: 'connections' }
  /** Each is ended as soon as it is quiet: pools that are used all the time are never quiet as a whole. */
  | { readonly kind: 'sessions' }
  /** HAProxy's admin socket and the HTTP listeners on the VIP: it knows which requests it has. */
  | { readonly kind: 'haproxy'; readonly adminSocket: string; readonly listeners: readonly string[] }
  /** A program with a connection to a server for each request that waits for an answer, and where its clients connect. */
  | { readonly kind: 'proxy'; readonly program: string; readonly vips: readonly string[] }
);

// A client sends a dropped SYN again after 1 s and then after 2 s more. The address must be on its new holder, or the
// door open again, before the first of these: what is in flight gets this long once a SYN was dropped.
const closedMilliseconds = 650;
/** Within it the SYNs that were dropped have come again. */
export const heardAgainSeconds = 1.1;
// What is still in flight then (uploads, consoles) is cut.
const patienceMilliseconds = 10_000;

/**
 * Run on the holder: new connections to the VIP wait at their clients, what is in flight finishes (bounded), what is
 * left is told with a reset, and the address goes to the next host. The door opens again where something takes longer
 * than clients may wait, and another moment is tried. The drop rule forgets the address by itself, so that nothing
 * stays behind when this is cut off half-way.
 */
export function handOverScript(vip: ResolvedVip, inFlight: InFlight): string {
  const { family, type } = vip.address.includes(':')
    ? { family: 'ip6', type: 'ipv6_addr' }
    : { family: 'ip', type: 'ipv4_addr' };
  return `set -eu
holds() { ip -o addr show to ${vip.address} | grep -q .; }
mark() { echo 1 >${vipMark(vip)}.new && mv ${vipMark(vip)}.new ${vipMark(vip)}; }
now() { read -r up rest </proc/uptime; echo $((\${up%.*} * 1000 + 10 * 1\${up#*.} - 1000)); }
forget() { nft delete table inet ${handOverTable} 2>/dev/null || :; }
close() { nft add element inet ${handOverTable} held '{ ${vip.address} timeout 5s }'; }
# What is sent meanwhile is sent again after a fifth of a second.
freeze() { nft add element inet ${handOverTable} frozen '{ ${vip.address} timeout 1s }'; }
thaw() { nft delete element inet ${handOverTable} frozen '{ ${vip.address} }' 2>/dev/null || :; }
open() { nft delete element inet ${handOverTable} held '{ ${vip.address} }' 2>/dev/null || :; }
dropped() { nft list counter inet ${handOverTable} dropped | sed -n 's/.*packets \\([0-9]*\\) .*/\\1/p'; }
${clientsOf(vip.address)}
${inFlightFunctions(inFlight)}
mkdir -p ${marksDirectory}
if ! holds; then mark; exit 0; fi
trap forget EXIT
trap 'exit 143' HUP INT TERM
forget
nft -f - <<'RULES'
table inet ${handOverTable} {
  counter dropped { }
  set held { type ${type}; flags timeout; }
  set frozen { type ${type}; flags timeout; }
  chain input {
    type filter hook input priority -200; policy accept;
    ${family} daddr @held tcp flags & (fin|syn|rst|ack) == syn counter name dropped drop
    ${family} daddr @frozen meta l4proto tcp drop
  }
}
RULES
end=$(($(now) + ${patienceMilliseconds}))
# True once nothing is in flight, false when the door has been closed for as long as it may.
try_door() {
  before=$(dropped)
  first=
  close
  while in_flight; do
    at=$(now)
    [ -n "$first" ] || [ "$(dropped)" = "$before" ] || first=$at
    if [ -n "$first" ] && [ $((at - first)) -ge ${closedMilliseconds} ]; then return 1; fi
    [ "$at" -lt "$end" ] || return 1
    sleep 0.03
  done
}
while ! try_door; do
  if [ "$(now)" -ge "$end" ]; then break; fi
  open
  sleep ${heardAgainSeconds}
done
ss -HK state established src ${inFilter(vip.address)} >/dev/null 2>&1 || :
mark
for try in $(seq 100); do
  if ! holds; then exit 0; fi
  sleep 0.03
done
echo "Keepalived did not give ${vip.address} up" >&2
exit 1
`;
}

/** `in_flight` is true while something is. */
function inFlightFunctions(inFlight: InFlight): string {
  const busy = busyConnections(inFlight);
  switch (inFlight.kind) {
    case 'sessions':
      return sessions(inFlight);
    case 'connections':
      return `${busy}\nin_flight() { busy_connections; }`;
    case 'haproxy':
      return `${busy}\n${balancedRequests(inFlight)}\nin_flight() { requests || busy_connections; }`;
    case 'proxy':
      return `${busy}\n${proxiedRequests(inFlight)}\nin_flight() { requests || busy_connections; }`;
  }
}

/**
 * Connections that wait for an answer, or spoke a moment ago, count; idle ones of a pool notice the move and connect
 * again. `ss` leaves out a time that is 0. What HAProxy has taken in and not answered it tells itself.
 */
function busyConnections(inFlight: InFlight): string {
  return `busy_connections() {
  ss -HtniO state established $clients | awk '{
    ${isBusy(inFlight)}
    if (busy) left++
  } END { exit left == 0 }'
}`;
}

/**
 * Ends those that are quiet; true while any is left. Nothing reaches them meanwhile: a pool that took one of them out
 * between the look and its end would be cut off in the middle of its request. What it says now is the first for a
 * while, by which a pool finds out that a connection is gone, and opens another.
 */
function sessions(inFlight: InFlight): string {
  return `in_flight() {
  freeze
  quiet=$(ss -HtniO state established $clients | awk '{
    ${isBusy(inFlight)}
    if (!busy) printf "%s dst %s", (quiet++ ? " or" : ""), $4
  }')
  [ -z "$quiet" ] || ss -HK state established '(' $quiet ')' and $clients >/dev/null 2>&1 || :
  thaw
  [ -n "$(ss -Htn state established $clients)" ] || return 1
  # Those that are left need a moment in which they are heard.
  sleep 0.1
}`;
}

/** Lines of awk that set `busy` for one connection of `ss`, whose fields are two queues, two addresses and details. */
function isBusy({ kind, quietMilliseconds }: InFlight): string {
  const waits = kind === 'haproxy' ? '0' : 'received < sent';
  return `sent = 0; received = 0
    for (field = 1; field <= NF; field++) {
      if (split($field, part, ":") < 2) continue
      if (part[1] == "lastsnd") sent = part[2] + 0
      if (part[1] == "lastrcv") received = part[2] + 0
    }
    busy = ${waits} || sent < ${quietMilliseconds} || received < ${quietMilliseconds}`;
}

function balancedRequests({ adminSocket, listeners }: Extract<InFlight, { kind: 'haproxy' }>): string {
  return `requests() {
  echo 'show sess' | socat -t 2 - UNIX-CONNECT:${adminSocket} 2>/dev/null | grep -qE ' fe=(${listeners.join('|')}) '
}`;
}

/**
 * Of the program's connections those that are not its clients': those to the servers behind it, and nothing else. A
 * client's own encrypted connection does not tell whether it waits: a session that is taken up again begins with the
 * request, and what is said last is the server's, long before its answer.
 */
function proxiedRequests({ program, vips }: Extract<InFlight, { kind: 'proxy' }>): string {
  const notClients = [...vips, '127.0.0.0/8', '::1']
    .map((address) => `not src ${inFilter(address)}`)
    .join(' and ');
  return `requests() { ss -Htnp state established '( ${notClients} )' 2>/dev/null | grep -q '"${program}"'; }`;
}

/**
 * `$clients` are the holder's ends of its clients' connections, as words for `ss`. Where what runs on the holder itself
 * has the VIP for its own address too (IPv6), its ends are left out: they look busy when they wait for nothing.
 */
const clientsOf = (address: string): string => `clients='src ${inFilter(address)}'
ports=$(ss -Htn state listening $clients | awk '{
  parts = split($3, part, ":")
  printf "%s sport = :%s", (NR > 1 ? " or" : ""), part[parts]
}')
[ -z "$ports" ] || clients="$clients and ( $ports )"`;

/** What follows the last colon would be a port. */
const inFilter = (address: string): string => (address.includes(':') ? `[${address}]` : address);
