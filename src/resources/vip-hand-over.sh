# Run on the holder of a VIP: new connections to it wait at their clients, what is in flight finishes (bounded), what is
# left is told with a reset, and the address goes to the next host. The door opens again where something takes longer
# than clients may wait, and another moment is tried. The drop rule forgets the address by itself, so that nothing stays
# behind when this is cut off half-way.
set -eu

# The address, and the same as ss wants it in a filter.
: "${vip:?}" "${filter:?}"
# As nftables calls the family of the address, and the type of a set of such.
: "${family:?}" "${type:?}"
: "${table:?}" "${marks:?}" "${mark_file:?}"
# Within these seconds the SYNs that were dropped have come again.
: "${heard_again_seconds:?}"
# How to tell what is in flight: connections, sessions, haproxy or proxy.
: "${kind:?}"
# A connection that said something this short a time ago may be in the middle of something.
: "${quiet_milliseconds:?}"
# haproxy and sessions: HAProxy's admin socket; haproxy: its listeners on the VIP as alternatives of a pattern.
admin_socket=${admin_socket-} listeners=${listeners-}
# sessions: a program that prints which of a server's connections are in a transaction.
in_transaction=${in_transaction-}
# proxy: its program, and a filter for those of its connections that are to the servers behind it.
program=${program-} not_clients=${not_clients-}

# A client sends a dropped SYN again after 1 s and then after 2 s more. The address must be on its new holder, or the
# door open again, before the first of these: what is in flight gets this long once a SYN was dropped.
closed_milliseconds=650
# What is still in flight then (uploads, consoles) is cut.
patience_milliseconds=10000

holds() { ip -o addr show to "$vip" | grep -q .; }
mark() { echo 1 >"$mark_file.new" && mv "$mark_file.new" "$mark_file"; }
now() { read -r up _ </proc/uptime; echo $((${up%.*} * 1000 + 10 * 1${up#*.} - 1000)); }
forget() { nft delete table inet "$table" 2>/dev/null || :; }
close() { nft add element inet "$table" held "{ $vip timeout 5s }"; }
# What is sent meanwhile is sent again after a fifth of a second.
freeze() { nft add element inet "$table" frozen "{ $vip timeout 1s }"; }
thaw() { nft delete element inet "$table" frozen "{ $vip }" 2>/dev/null || :; }
open() { nft delete element inet "$table" held "{ $vip }" 2>/dev/null || :; }
dropped() { nft list counter inet "$table" dropped | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }

# The holder's ends of its clients' connections, as words for ss. Where what runs on the holder itself has the VIP for
# its own address too (IPv6), its ends are left out: they look busy when they wait for nothing.
clients="src $filter"
# shellcheck disable=SC2086 # words
ports=$(ss -Htn state listening $clients | awk '{
  parts = split($3, part, ":")
  printf "%s sport = :%s", (NR > 1 ? " or" : ""), part[parts]
}')
[ -z "$ports" ] || clients="$clients and ( $ports )"

# Runs awk with these rules over the clients' connections, one a line: two queues, two addresses and details. `busy` is
# set for those that wait for an answer or spoke a moment ago. ss leaves out a time that is 0. What HAProxy has taken in
# and not answered it tells itself.
over_connections() {
  waits=1
  [ "$kind" != haproxy ] || waits=0
  # shellcheck disable=SC2086 # words
  ss -HtniO state established $clients | awk -v waits="$waits" -v quiet="$quiet_milliseconds" -v held="${held-}" '{
    sent = 0; received = 0
    peer = $4
    gsub(/[][]/, "", peer)
    for (field = 1; field <= NF; field++) {
      if (split($field, part, ":") < 2) continue
      if (part[1] == "lastsnd") sent = part[2] + 0
      if (part[1] == "lastrcv") received = part[2] + 0
    }
    busy = (waits && received < sent) || sent < quiet || received < quiet || index(held, " " peer " ")
  } '"$1"
}

# Idle ones of a pool do not count: they notice the move and connect again.
busy_connections() { over_connections 'busy { left++ } END { exit left == 0 }'; }

# The clients, " ADDRESS:PORT " each, that are in the middle of a transaction. One on a machine that is busy looks quiet
# then: only its server knows, by the connection that HAProxy has made for it. Where that does not answer, looks decide.
clients_in_transactions() {
  [ -n "$in_transaction" ] && [ -n "$admin_socket" ] || return 0
  # Client, HAProxy's own end and server of each session on the VIP, a line each: with its peers it has sessions, too.
  sessions=$(echo 'show sess all' | socat -t 1 - "UNIX-CONNECT:$admin_socket" 2>/dev/null | awk -v to="$vip:" '
    { end = $NF; sub(/.*=/, "", end) }
    /^0x/ { client = end }
    /^  frontend=/ { asked = end }
    /^  backend=/ { own = end }
    /^  server=/ && index(asked, to) == 1 && own ~ /:/ && end ~ /:/ { print client, own, end }')
  for server in $(printf '%s\n' "$sessions" | awk '{ print $3 }' | sort -u); do
    held_there=$(sh -c "$in_transaction" in-transaction "${server%:*}" "${server##*:}" 2>/dev/null | tr '\n' ' ') || :
    printf '%s\n' "$sessions" | awk -v server="$server" -v held=" $held_there" '
      $3 == server && index(held, " " $2 " ") { printf " %s ", $1 }'
  done
}

# Ends those that are quiet; true while any is left. Nothing reaches them meanwhile: a pool that took one of them out
# between the look and its end would be cut off in the middle of its request. What it says now is the first for a while,
# by which a pool finds out that a connection is gone, and opens another.
end_quiet_sessions() {
  freeze
  held=$(clients_in_transactions)
  # shellcheck disable=SC2016 # awk's
  quiet=$(over_connections '!busy { printf "%s dst %s", (count++ ? " or" : ""), $4 }')
  # shellcheck disable=SC2086 # words
  [ -z "$quiet" ] || ss -HK state established '(' $quiet ')' and $clients >/dev/null 2>&1 || :
  thaw
  # shellcheck disable=SC2086 # words
  [ -n "$(ss -Htn state established $clients)" ] || return 1
  # Those that are left need a moment in which they are heard: what was dropped of them comes again after 200 ms, and until
  # then one that waits for an answer looks quiet.
  sleep 0.26
}

# HAProxy knows which requests it has. Of a proxy's connections those count that are not its clients': those to the
# servers behind it, and nothing else. A client's own encrypted connection does not tell whether it waits: a session that
# is taken up again begins with the request, and what is said last is the server's, long before its answer.
requests() {
  case $kind in
    haproxy)
      echo 'show sess' | socat -t 2 - "UNIX-CONNECT:$admin_socket" 2>/dev/null | grep -qE " fe=($listeners) " ;;
    proxy) ss -Htnp state established "( $not_clients )" 2>/dev/null | grep -q "\"$program\"" ;;
  esac
}

in_flight() {
  case $kind in
    sessions) end_quiet_sessions ;;
    connections) busy_connections ;;
    *) requests || busy_connections ;;
  esac
}

# True once nothing is in flight, false when the door has been closed for as long as it may.
try_door() {
  before=$(dropped)
  first=
  close
  while in_flight; do
    at=$(now)
    [ -n "$first" ] || [ "$(dropped)" = "$before" ] || first=$at
    if [ -n "$first" ] && [ $((at - first)) -ge "$closed_milliseconds" ]; then return 1; fi
    [ "$at" -lt "$end" ] || return 1
    sleep 0.03
  done
}

mkdir -p "$marks"
if ! holds; then mark; exit 0; fi
trap forget EXIT
trap 'exit 143' HUP INT TERM
forget
nft -f - <<RULES
table inet $table {
  counter dropped { }
  set held { type $type; flags timeout; }
  set frozen { type $type; flags timeout; }
  chain input {
    type filter hook input priority -200; policy accept;
    $family daddr @held tcp flags & (fin|syn|rst|ack) == syn counter name dropped drop
    $family daddr @frozen meta l4proto tcp drop
  }
}
RULES
end=$(($(now) + patience_milliseconds))
while ! try_door; do
  if [ "$(now)" -ge "$end" ]; then break; fi
  open
  sleep "$heard_again_seconds"
done
ss -HK state established src "$filter" >/dev/null 2>&1 || :
mark
for _ in $(seq 100); do
  if ! holds; then exit 0; fi
  sleep 0.03
done
echo "Keepalived did not give $vip up" >&2
exit 1
