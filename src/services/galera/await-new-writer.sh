# Asks through the VIP until another member than the one that was the writer answers.
: "${vip:?}" "${formerly:?}" "${login:?}"

for _ in $(seq 20); do
  writer=$(timeout -k 1 2 mariadb --defaults-file="$login" --host="$vip" -N -B \
    -e 'SELECT @@wsrep_node_name' 2>/dev/null) || writer=
  case $writer in '' | "$formerly") sleep 0.25 ;; *) exit 0 ;; esac
done
echo "through the VIP answers ${writer:-nobody}" >&2
exit 1
