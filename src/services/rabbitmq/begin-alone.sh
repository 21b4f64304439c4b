# Starts this member without those that it waits for.
set -eu
: "${unit:?}"

# It must not run; what an earlier run has started by this is kept.
if ! rabbitmqctl --quiet --timeout 15 await_startup >/dev/null 2>&1; then
  systemctl stop "$unit"
  rabbitmqctl --quiet force_boot
  systemctl start --no-block "$unit"
fi
for _ in $(seq 60); do
  if systemctl is-active --quiet "$unit"; then break; fi
  sleep 1
done
rabbitmqctl --quiet await_startup --timeout 120
