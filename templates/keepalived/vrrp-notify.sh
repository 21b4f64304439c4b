#!/bin/sh
# Written by mcp from keepalived/vrrp-notify.sh. Changes here are overwritten.
# vrrp-notify SOCKET INSTANCE NAME STATE PRIORITY: called by Keepalived whenever a VIP comes or goes.
socket=$1 name=$3 state=$4
echo "$state" >"/run/mcp/vrrp-$name.new" && mv "/run/mcp/vrrp-$name.new" "/run/mcp/vrrp-$name"
case $state in BACKUP | FAULT | STOP) ;; *) exit 0 ;; esac
[ -S "$socket" ] || exit 0
ask() { echo "$1" | socat -t 2 - "UNIX-CONNECT:$socket"; }
ask 'show servers state' | while read -r backend_id backend _ server _; do
  case $backend_id in '' | *[!0-9]*) continue ;; esac
  [ -z "$server" ] || ask "shutdown sessions server $backend/$server" </dev/null
done
exit 0
