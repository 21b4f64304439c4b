#!/bin/sh
# Written by mcp from keepalived/vrrp-notify.sh. Changes here are overwritten.
# vrrp-notify SOCKET INSTANCE NAME STATE PRIORITY: called by Keepalived whenever a VIP comes or goes.
socket=$1 name=$3 state=$4
# Keepalived does not wait for one of these to end before it starts the next, and both would write at once: the state of
# the one that was started later stays. Clock ticks since the boot tell, and the process ids of those within one.
file=/run/mcp/vrrp-$name
read -r told <"/proc/$$/stat"
started=$(echo "${told##*) }" | cut -d ' ' -f 20)
tell_state() {
  flock 9
  ticks=0 process=0
  [ ! -s "$file.order" ] || read -r ticks process <"$file.order"
  if [ "$started" -gt "$ticks" ] || { [ "$started" -eq "$ticks" ] && [ "$$" -gt "$process" ]; }; then
    echo "$started $$" >"$file.order"
    echo "$state" >"$file.new" && mv "$file.new" "$file"
  fi
}
tell_state 9>"$file.lock"
case $state in BACKUP | FAULT | STOP) ;; *) exit 0 ;; esac
[ -S "$socket" ] || exit 0
ask() { echo "$1" | socat -t 2 - "UNIX-CONNECT:$socket"; }
is_cut_off() { grep -qs '^[12]' /run/mcp/isolated-* "/run/mcp/contested-$name"; }
# Which server this load balancer chose while it was alone: back among its peers it would teach them that, and their own
# choice, with all its sessions, would be another.
forget_choices() {
  ask 'show table' | sed -n 's/^# table: \([^,]*\),.*/\1/p' | while read -r table; do
    ask "clear table $table" </dev/null
  done
}
ask 'show servers state' | while read -r backend_id backend _ server _; do
  case $backend_id in '' | *[!0-9]*) continue ;; esac
  [ -z "$server" ] || ask "shutdown sessions server $backend/$server" </dev/null
done
if is_cut_off; then
  forget_choices >/dev/null
  # Sessions that were just being made may still have chosen.
  sleep 2
  ! is_cut_off || forget_choices >/dev/null
fi
exit 0
