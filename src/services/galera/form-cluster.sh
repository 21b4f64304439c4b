# Forms the cluster on this member, the first. Words: the addresses of the others.
set -eu
: "${socket:?}" "${data:?}" "${unit:?}" "${group_port:?}"

state() {
  timeout -k 1 5 mariadb --no-defaults --socket="$socket" -N -B \
    -e "SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'" 2>/dev/null | cut -f 2
}
for other; do
  if timeout 2 bash -c "exec 3<>/dev/tcp/$other/$group_port" 2>/dev/null; then
    echo "a member already runs at $other: this would make a second cluster" >&2
    exit 1
  fi
done
if [ "$(state)" != Synced ]; then
  # Only an interrupted first deploy leaves data behind here, and this member is the only one that has it.
  if [ -f "$data/grastate.dat" ]; then
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$data/grastate.dat"
  fi
  systemctl stop "$unit"
  galera_new_cluster
fi
attempts=0
until [ "$(state)" = Synced ]; do
  attempts=$((attempts + 1))
  if [ "$attempts" -gt 60 ]; then
    echo "the first member is not Synced after 30 s" >&2
    exit 1
  fi
  sleep 0.5
done
