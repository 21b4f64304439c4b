#!/bin/sh
# Written by mcp from rabbitmq/rabbitmq-admission.sh. Changes here are overwritten.
# Before RabbitMQ starts: lets this member come among the others where it could not by itself. Words: its unit, its folder,
# its name, and the names of the others.
unit=$1
folder=$2
node=$3
shift 3

# As RabbitMQ itself tells it: where this folder is empty it joins the others, or begins anew.
blank=
[ -n "$(ls -A "$folder" 2>/dev/null)" ] || blank=yes
# To ask the others takes seconds. A member that has data needs that only where it has failed to start with them.
[ -n "$blank" ] || [ "$(systemctl show --property=NRestarts --value "$unit")" -gt 0 ] || exit 0
for peer; do
  members=$(rabbitmqctl --quiet --node "$peer" --timeout 15 cluster_status --formatter json 2>/dev/null) && break
done
[ -n "${members-}" ] || exit 0
case $members in *"\"$node\""*) belongs=yes ;; *) belongs= ;; esac
if [ -n "$blank" ] && [ -n "$belongs" ]; then
  # A blank machine under the name of one that is gone. While the others still expect what that one had, it can't start
  # among them: RabbitMQ 3.10 ends in its step upgrade_queues.
  rabbitmq-queues --quiet --node "$peer" --timeout 60 shrink "$node" >/dev/null 2>&1
  rabbitmqctl --quiet --node "$peer" --timeout 60 forget_cluster_node "$node" || exit 1
elif [ -z "$blank" ] && [ -z "$belongs" ]; then
  # `mcp recover --without` has begun anew without it. What it has is kept, and it joins as a blank one.
  rabbitmqctl --quiet --node "$peer" --timeout 15 list_global_parameters | grep -qF "mcp_given_up_$node" || exit 0
  number=1
  while [ -e "$folder.aside.$number" ]; do number=$((number + 1)); done
  mv -- "$folder" "$folder.aside.$number"
  echo "the others began anew without it while it was away: what it had is in $folder.aside.$number"
fi
exit 0
