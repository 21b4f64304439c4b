# Starts this member without those that it waits for, and forgets them. Only while every member is stopped do the copies of
# queues that they led take their place: to forget them later would delete such queues. Should one come back with what it
# had, it finds its name in the cluster's parameters and puts that aside.
set -eu
: "${unit:?}" "${data:?}"
# Names of nodes, with blanks between.
: "${given_up?}"

# It must not run; what an earlier run has started by this is kept.
if ! rabbitmqctl --quiet --timeout 15 await_startup >/dev/null 2>&1; then
  systemctl stop "$unit"
  for node in $given_up; do
    # An earlier run that was cut off may have got as far as that.
    ! grep -qF "$node" "$data/cluster_nodes.config" || rabbitmqctl --quiet forget_cluster_node --offline "$node"
  done
  rabbitmqctl --quiet force_boot
  systemctl start --no-block "$unit"
fi
for _ in $(seq 60); do
  if systemctl is-active --quiet "$unit"; then break; fi
  sleep 1
done
rabbitmqctl --quiet await_startup --timeout 120
for node in $given_up; do rabbitmqctl --quiet set_global_parameter "mcp_given_up_$node" true; done
