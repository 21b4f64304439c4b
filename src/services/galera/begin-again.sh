# After all members were stopped one after the other nothing begins by itself, as Galera has it: whoever left last begins
# the cluster again, the others join. Safe where nothing is broken: a server that runs is left alone. Words: the addresses
# at which the others' health agents answer. held-unit.sh stands before it.
set -eu
: "${data:?}" "${unit:?}" "${agent_port:?}"

state() { systemctl show --property ActiveState --value "$unit"; }
# What it left with is written down at the end of its stop.
for _ in $(seq 120); do
  if [ "$(state)" != deactivating ]; then break; fi
  sleep 0.5
done
if [ "$(state)" = active ]; then exit 0; fi

serves() {
  # shellcheck disable=SC2016 # bash's
  timeout 2 bash -c '
    exec 3<>"/dev/tcp/$1/$2"
    printf "GET /member HTTP/1.0\r\n\r\n" >&3
    head -n 1 <&3 | grep -q " 200 "' ask "$1" "$agent_port" 2>/dev/null
}
left_last=
if grep -q '^safe_to_bootstrap: *1$' "$data/grastate.dat" 2>/dev/null; then left_last=yes; fi
for other; do
  if [ -n "$left_last" ] && serves "$other"; then
    # Two that left last would be two clusters.
    echo "this member says that it left last, and $other serves already: it joins" >&2
    left_last=
  fi
done

release_unit "$unit"
systemctl reset-failed "$unit" 2>/dev/null || :
if [ -z "$left_last" ]; then
  echo "this member did not leave last: it joins whoever did" >&2
  if [ "$(state)" != activating ]; then systemctl start --no-block "$unit"; fi
  exit 0
fi
# One that waits for the others since it booted may not hear that it is to stop; it serves nobody.
if [ "$(state)" != inactive ]; then
  systemctl stop --no-block "$unit"
  for _ in $(seq 40); do
    case $(state) in inactive | failed) break ;; esac
    sleep 0.5
  done
  case $(state) in inactive | failed) ;; *) systemctl kill --signal=KILL "$unit" ;; esac
  systemctl stop "$unit"
fi
echo "this member left last: it begins the cluster again" >&2
galera_new_cluster
