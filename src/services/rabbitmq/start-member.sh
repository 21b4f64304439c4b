# Starts this member and waits until it takes clients. held-unit.sh stands before it.
set -eu
: "${unit:?}"

release_unit "$unit"
systemctl start --no-block "$unit"
for _ in $(seq 300); do
  if systemctl is-active --quiet "$unit"; then break; fi
  sleep 1
done
rabbitmqctl --quiet await_startup --timeout 120
