# Tells HAProxy something that changes the state of a server. It says nothing when all is well. A reload or a power cut
# must find the same state.
set -eu
: "${socket:?}" "${command:?}" "${unit:?}"

[ -S "$socket" ] || exit 0
said=$(echo "$command" | timeout 5 socat -t 5 - "UNIX-CONNECT:$socket")
if [ -n "$said" ]; then
  echo "HAProxy: $said" >&2
  exit 1
fi
if [ -x /usr/lib/mcp/haproxy-keep-state ]; then /usr/lib/mcp/haproxy-keep-state "$unit"; fi
