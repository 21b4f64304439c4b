#!/bin/sh
# Written by mcp from haproxy/haproxy-keep-state.sh. Changes here are overwritten.
# haproxy-keep-state UNIT: writes down which servers are in maintenance. Called before a reload, and after each change
# of a server's state, so that a power cut does not forget it.
set -eu
unit=$1
directory=/var/lib/mcp/haproxy
state=$directory/$unit.state
mkdir -p "$directory"
# The port of the checks (column 22) is the configuration's to say: what is kept here would win over a new one.
echo 'show servers state' | socat -t 2 - "UNIX-CONNECT:/run/$unit/admin.sock" |
  awk '$1 ~ /^[0-9]+$/ && NF >= 22 { $22 = 0 } { print }' >"$state.new"
grep -q '^1$' "$state.new"
mv "$state.new" "$state"
