# Ends a unit that serves nobody, and holds it. One that waits for others may not hear that it is to stop. held-unit.sh
# stands before it.
set -eu
: "${unit:?}"

has_ended() {
  case $(systemctl show --property ActiveState --value "$unit") in
    inactive | failed) return 0 ;;
  esac
  return 1
}

hold_unit "$unit"
systemctl stop --no-block "$unit"
for _ in $(seq 40); do
  if has_ended; then exit 0; fi
  sleep 0.5
done
# What these have told a client is on disk: nothing is lost with them.
systemctl kill --signal=KILL "$unit"
for _ in $(seq 40); do
  if has_ended; then exit 0; fi
  sleep 0.5
done
echo "$unit does not end" >&2
exit 1
