# Waits until the member takes part in full, in its own and in its health agent's eyes. Whether it has room to take the
# writes is not what is waited for; an agent of an earlier version does not know the page. sql.sh stands before it.
: "${address:?}" "${agent_port:?}" "${maintenance_mark:?}"

state=unknown
for _ in $(seq 1700); do
  if [ -e "$maintenance_mark" ]; then exit 0; fi
  state=$(sql 2>/dev/null <<'SQL'
SELECT CONCAT(a.variable_value, ' ', b.variable_value)
  FROM information_schema.global_status a, information_schema.global_status b
  WHERE a.variable_name = 'wsrep_local_state_comment' AND b.variable_name = 'wsrep_local_recv_queue';
SQL
  ) || state=unknown
  # shellcheck disable=SC2016 # bash's
  if [ "$state" = 'Synced 0' ] && timeout 2 bash -c '
      exec 3<>"/dev/tcp/$1/$2"
      printf "GET /member HTTP/1.0\r\n\r\n" >&3
      head -n 1 <&3 | grep -qE " (200|404) "' ask "$address" "$agent_port" 2>/dev/null; then
    exit 0
  fi
  sleep 0.5
done
echo "the member is not usable: $state" >&2
exit 1
