#!/bin/sh
# Written by mcp from rabbitmq/rabbitmq-rest.sh. Changes here are overwritten.
# rabbitmq-rest close|drain|open PORT: keeps clients away from a member whose host is in maintenance. systemd asks for
# the first two around each start, which ends the draining of the time before.
set -u
verb=${1:-} port=${2:-}
mark=/var/lib/mcp/maintenance/rabbitmq
[ $# = 2 ] || verb=

open() { nft delete table inet mcp_rabbitmq 2>/dev/null || :; }

# Refused, not dropped: clients ask the next member at once.
close() {
  open
  nft -f - <<RULES
table inet mcp_rabbitmq {
  chain input {
    type filter hook input priority -200; policy accept;
    tcp dport $port tcp flags & (fin|syn|rst|ack) == syn reject with tcp reset
  }
}
RULES
}

case $verb in
  close) if [ -e "$mark" ]; then close; else open; fi ;;
  drain) [ ! -e "$mark" ] || HOME=/root rabbitmq-upgrade --timeout 120 drain ;;
  open) open ;;
  *) echo "usage: $0 close|drain|open PORT" >&2; exit 2 ;;
esac
