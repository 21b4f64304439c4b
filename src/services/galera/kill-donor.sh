# Kills the server of this host while another copies all of its data. sql.sh stands before it.
: "${unit:?}"

for _ in $(seq 600); do
  state=$(echo "SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'" | sql 2>/dev/null | cut -f 2)
  if [ "$state" = Donor/Desynced ]; then
    kill -KILL "$(systemctl show --property MainPID --value "$unit")"
    exit 0
  fi
  sleep 0.1
done
echo "no copy from this host began within 60 s: its server is ${state:-silent}" >&2
exit 1
