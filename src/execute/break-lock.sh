# Takes a lock from a run that is gone, and from no other: whether it is gone is looked at once more, by the host itself.
: "${lock:?}" "${run:?}" "${silent_seconds:?}"
# What that run is told should it wake up one day, and who asked: a line of JSON.
: "${breaker:?}" "${holder:?}"
: "${alive_code:?}"

refuse() {
  printf '%s\n' "$1" >&2
  exit "$alive_code"
}
if [ ! -e "$lock" ] || flock -n -s "$lock" true; then exit 0; fi
IFS=' ' read -r other pid <"$lock"
[ "$other" = "$run" ] || exit 0
[ "$(readlink "/proc/$pid/fd/9")" = "$lock" ] || refuse 'what holds the lock is no shell of that run'
read -r heard <"$lock.heard"
read -r uptime _ </proc/uptime
silence=$((${uptime%.*} - ${heard%.*}))
[ "$silence" -ge "$silent_seconds" ] || refuse "it was heard $silence s ago"
unit=$(systemctl list-units --plain --no-legend --state=active,activating,deactivating "mcp-$run-*" | cut -d ' ' -f 1 | head -n 1)
[ -z "$unit" ] || refuse "its step $unit lives"
kill "$pid"
flock -w 10 "$lock" true || refuse 'the shell that holds the lock does not end'
printf '%s\n' "$breaker $$" "$holder" >"$lock"
