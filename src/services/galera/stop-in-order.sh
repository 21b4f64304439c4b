# Stops the server in an orderly way, and waits for its end.
set -eu
: "${unit:?}"

if ! systemctl is-active --quiet "$unit"; then
  echo "$unit does not run" >&2
  exit 1
fi
systemctl stop "$unit"
