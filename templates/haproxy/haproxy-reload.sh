#!/bin/sh
# Written by mcp from haproxy/haproxy-reload.sh. Changes here are overwritten.
# haproxy-reload UNIT CONFIG MAINPID: reloads without losing what was put into maintenance, and only succeeds once a
# new worker answers: the signal alone says nothing of that.
set -eu
unit=$1 config=$2 main=$3
worker() { echo 'show info' | socat -t 2 - "UNIX-CONNECT:/run/$unit/admin.sock" 2>/dev/null | sed -n 's/^Pid: //p'; }

/usr/sbin/haproxy -Ws -c -q -f "$config"
/usr/lib/mcp/haproxy-keep-state "$unit" || :
before=$(worker)
kill -USR2 "$main"
for _ in $(seq 100); do
  now=$(worker || :)
  if [ -n "$now" ] && [ "$now" != "$before" ]; then exit 0; fi
  sleep 0.1
done
echo "no new worker of $unit answers: the old one serves on with the old configuration" >&2
exit 1
