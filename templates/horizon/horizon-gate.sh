#!/bin/sh
# Written by mcp from horizon/horizon-gate.sh. Changes here are overwritten.
# horizon-gate close|open|drain|remove ADDRESS PORT PAGE: lets the proxies in or sends them away with a reset, upon which
# they ask the other dashboard at once. On a host in maintenance it is closed from each start on, and stays so.

set -u
verb=${1:-} address=${2:-} port=${3:-} page=${4:-}
mark=/var/lib/mcp/maintenance/horizon
[ $# = 4 ] || [ "$verb" = remove ] || verb=

remove() { nft delete table inet mcp_horizon 2>/dev/null || :; }

# The loopback's addresses are let in, so that we can see the page before anybody else does. The set forgets the port
# by itself: whatever happens to us, the gate does not stay closed.
close() {
  remove
  for_how_long='timeout 2m'
  [ ! -e "$mark" ] || for_how_long=
  nft -f - <<RULES
table inet mcp_horizon {
  set closed { type inet_service; flags timeout; elements = { $port $for_how_long } }
  chain input {
    type filter hook input priority -200; policy accept;
    ip daddr $address ip saddr != 127.0.0.0/8 tcp dport @closed tcp flags & (fin|syn|rst|ack) == syn reject with tcp reset
  }
}
RULES
}

# Sixty seconds for the page to come.
await_page() {
  python3 - "$address" "$port" "$page" <<'ASK'
import http.client, sys, time
address, port, page = sys.argv[1:]
headers = {'Host': 'localhost', 'X-Forwarded-Proto': 'https'}
end = time.monotonic() + 60
while time.monotonic() < end:
    try:
        server = http.client.HTTPConnection(address, int(port), timeout=20, source_address=('127.0.0.2', 0))
        server.request('GET', page, headers=headers)
        if server.getresponse().status == 200:
            sys.exit(0)
    except OSError:
        pass
    time.sleep(0.1)
sys.exit('the sign-in page did not come within 60 s')
ASK
}

# Each request has a connection of its own, so the established ones are what is in flight.
await_idle() {
  for _ in $(seq 150); do
    [ -n "$(ss -Htn state established src "$address" sport = ":$port")" ] || return 0
    sleep 0.2
  done
}

case $verb in
  close) close ;;
  open) await_page && { [ -e "$mark" ] || remove; } ;;
  drain) close && await_idle ;;
  remove) remove ;;
  *) echo "usage: $0 close|open|drain|remove ADDRESS PORT PAGE" >&2; exit 2 ;;
esac
