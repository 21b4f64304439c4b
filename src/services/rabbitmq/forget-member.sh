# Has the cluster forget a member that has stopped. Quorum queues give its copy up first; mirrored ones have made another
# when it was drained. Run where the broker runs.
: "${node:?}"

listed() { rabbitmqctl --quiet --timeout 30 cluster_status --formatter json | grep -qF '"'"$node"'"'; }
listed || exit 0
rabbitmq-queues --quiet --timeout 60 shrink "$node" >/dev/null 2>&1 || :
# It may be about to notice that the other has stopped.
for _ in 1 2 3 4 5; do
  said=$(rabbitmqctl --quiet --timeout 60 forget_cluster_node "$node" 2>&1) && exit 0
  listed || exit 0
  sleep 2
done
echo "$said" >&2
exit 1
