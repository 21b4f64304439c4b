# Prints the ends of clients' connections that are in the middle of a transaction, as the member at $1, port $2, sees
# them: ADDRESS:PORT. Who is asked by this holds clients back meanwhile, so it is asked for a moment only.
: "${login:?}"

timeout -k 0.2 0.5 mariadb --defaults-file="$login" --host="$1" --port="$2" -N -B -e '
  SELECT p.host FROM information_schema.innodb_trx t
    JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id'
