# Has the server read the host's certificate again: clients that come from now on see it, and members when they connect
# again. A member that has just been started takes no such statement before it has caught up with the others. sql.sh stands
# before it.

for _ in $(seq 240); do
  ready=$(echo "SHOW STATUS LIKE 'wsrep_ready'" | sql 2>/dev/null) || ready=
  case "$ready" in *ON) break ;; esac
  sleep 0.5
done
# Not written into the stream of changes: each member has a certificate of its own.
sql <<'SQL'
FLUSH LOCAL SSL;
SET GLOBAL wsrep_provider_options = 'socket.ssl_reload=1';
SQL
