# Prints which members this one last saw running, itself included. RabbitMQ writes that down whenever it changes.
: "${node:?}"

seen=/var/lib/rabbitmq/mnesia/$node/nodes_running_at_shutdown
if [ ! -r "$seen" ]; then
  echo data=none
  exit 0
fi
printf 'seen=%s\n' "$(tr -d "[]' .\n" <"$seen" | tr , ' ')"
