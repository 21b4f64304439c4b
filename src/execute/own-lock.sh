# Stands before what acts on a host: nothing is done there unless this run still has its lock. A controller that slept,
# or was cut off, can't know that another run has taken it meanwhile; the host does.
: "${lock:?}" "${run:?}" "${lapsed_code:?}" "${taken_code:?}"

if [ ! -e "$lock" ] || flock -n -s "$lock" true; then exit "$lapsed_code"; fi
{ IFS=' ' read -r lock_run _; IFS= read -r lock_holder; } <"$lock"
if [ "$lock_run" != "$run" ]; then
  printf '%s\n' "$lock_holder" >&2
  exit "$taken_code"
fi
