# Waits until this host could take a VIP: it may have come back a moment ago, and Keepalived waits for its checks to rise.
: "${name:?}" "${state_file:?}"

for _ in $(seq 60); do
  state=$(cat "$state_file" 2>/dev/null)
  case $state in BACKUP | MASTER) systemctl -q is-active keepalived.service && exit 0 ;; esac
  sleep 0.25
done
echo "its Keepalived is ${state:-not known} for $name: it could not take it" >&2
exit 1
