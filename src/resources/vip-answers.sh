# Waits until a VIP answers. The address moves within a second; hosts that have every core busy with a deploy are slow, not
# wrong. Says who has the address by what the network tells, since whoever reads it wants to know where to look. Nothing
# else is asked of the hosts before the clients that had to wait were heard.
# Ports with blanks between: one that answers is enough.
: "${address:?}" "${ports:?}" "${within_seconds:?}" "${heard_again_seconds:?}"

end=$(($(date +%s) + within_seconds))
while [ "$(date +%s)" -lt $end ]; do
  for port in $ports; do
    timeout 2 bash -c "exec 3<>/dev/tcp/$address/$port" 2>/dev/null && exec sleep "$heard_again_seconds"
  done
  sleep 0.1
done
echo "nothing answers on $address:$ports; neighbour: $(ip neigh show "$address")" >&2
exit 1
