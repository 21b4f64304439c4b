import type { ResolvedVip } from '../model/topology.ts';
import { marksDirectory, vipMark } from './vip-marks.ts';

/** The nftables table that exists while a VIP is handed over. */
export const handOverTable = 'mcp_handover';

// A client sends a dropped SYN again after 1 s and then after 2 s more. The address must be on its new holder before
// the first of these, so what is in flight gets this long once a SYN was dropped.
const afterFirstDropMilliseconds = 650;
// While no client has come in vain there is no hurry.
const patienceMilliseconds = 10_000;

/**
 * Run on the holder: new connections to the VIP wait at their clients, what is in flight finishes (bounded), then the
 * address goes to the next host. The drop rule forgets the address by itself after some seconds, so that nothing stays
 * behind when this is cut off half-way.
 */
export function handOverScript(vip: ResolvedVip): string {
  const { family, type } = vip.address.includes(':')
    ? { family: 'ip6', type: 'ipv6_addr' }
    : { family: 'ip', type: 'ipv4_addr' };
  return `set -eu
holds() { ip -o addr show to ${vip.address} | grep -q .; }
mark() { echo 1 >${vipMark(vip)}.new && mv ${vipMark(vip)}.new ${vipMark(vip)}; }
now() { read -r up rest </proc/uptime; echo $((\${up%.*} * 1000 + 10 * 1\${up#*.} - 1000)); }
open() { nft delete table inet ${handOverTable} 2>/dev/null || :; }
${inFlightFunction(vip.address)}
mkdir -p ${marksDirectory}
if ! holds; then mark; exit 0; fi
trap open EXIT
trap 'exit 143' HUP INT TERM
open
nft -f - <<'RULES'
table inet ${handOverTable} {
  counter dropped { }
  set held { type ${type}; flags timeout; elements = { ${vip.address} timeout 15s } }
  chain input {
    type filter hook input priority -200; policy accept;
    ${family} daddr @held tcp flags & (fin|syn|rst|ack) == syn counter name dropped drop
  }
}
RULES
began=$(now)
first=
while [ "$(in_flight)" -gt 0 ]; do
  at=$(now)
  if [ -z "$first" ] && ! nft list counter inet ${handOverTable} dropped | grep -q 'packets 0 '; then first=$at; fi
  if [ -n "$first" ] && [ $((at - first)) -ge ${afterFirstDropMilliseconds} ]; then break; fi
  [ $((at - began)) -lt ${patienceMilliseconds} ] || break
  sleep 0.03
done
mark
for try in $(seq 100); do
  if ! holds; then exit 0; fi
  sleep 0.03
done
echo "Keepalived did not give ${vip.address} up" >&2
exit 1
`;
}

/**
 * Connections that wait for an answer or said something in the last 100 ms; idle ones of a pool notice the move and
 * connect again. `ss` leaves out a time that is 0.
 */
const inFlightFunction = (address: string): string => `in_flight() {
  ss -HtniO state established src ${address} | awk '{
    sent = 0; received = 0
    for (field = 1; field <= NF; field++) {
      if (split($field, part, ":") < 2) continue
      if (part[1] == "lastsnd") sent = part[2] + 0
      if (part[1] == "lastrcv") received = part[2] + 0
    }
    if (received < sent || sent < 100 || received < 100) busy++
  } END { print busy + 0 }'
}`;
