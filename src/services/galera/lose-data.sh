# Has a member come back with nothing to catch up from, so that it copies all of another's. Its rows stay until then.
set -eu
: "${unit:?}" "${data:?}"

if ! systemctl is-active --quiet "$unit"; then
  echo "$unit does not run" >&2
  exit 1
fi
systemctl stop "$unit"
rm -f "$data/grastate.dat" "$data/gvwstate.dat"
systemctl start --no-block "$unit"
