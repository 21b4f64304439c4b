# Forms the cluster on this member, alone. Words: the addresses of the others, which must not run. held-unit.sh
# stands before it.
set -eu
: "${socket:?}" "${data:?}" "${unit:?}" "${group_port:?}"
# Transaction from which a history of its own begins. Who went on from another one copies all of this, and joins with
# nothing of its own. Empty: the history goes on.
anew_from=${anew_from-}

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
  systemctl stop "$unit"
  if [ -n "$anew_from" ]; then
    read -r id </proc/sys/kernel/random/uuid
    printf '# GALERA saved state\nversion: 2.1\nuuid:    %s\nseqno:   %s\nsafe_to_bootstrap: 1\n' "$id" "$anew_from" \
      >"$data/grastate.dat"
    chown mysql:mysql "$data/grastate.dat"
  elif [ -f "$data/grastate.dat" ]; then
    # Who decided this has seen that no other member has more.
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$data/grastate.dat"
  fi
  release_unit "$unit"
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
