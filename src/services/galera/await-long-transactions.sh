# Lets transactions that take long end before anyone has to wait for them. Bounded: then they are cut. sql.sh stands
# before it.
for _ in $(seq 40); do
  # InnoDB looks at its transactions anew only for a question that comes 100 ms after the one before.
  long=$(sql <<'SQL'
DO SLEEP(0.12);
SELECT COUNT(*) FROM information_schema.innodb_trx t
  JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
  WHERE p.host LIKE '%:%' AND t.trx_started < NOW() - INTERVAL 1 SECOND;
SQL
  )
  if [ "$long" = 0 ]; then exit 0; fi
  sleep 0.1
done
