# Ends the sessions of clients as soon as each is between two transactions. New ones are held back meanwhile, so it is
# short: what is still busy after about 2 s is cut when the member is taken out. sql.sh stands before it.
for _ in $(seq 12); do
  # InnoDB looks at its transactions anew only for a question that comes 100 ms after the one before.
  left=$(sql <<'SQL'
DO SLEEP(0.12);
DELIMITER //
BEGIN NOT ATOMIC
  -- One that went away by itself in this moment.
  DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;
  FOR idle IN (
    SELECT p.id FROM information_schema.processlist p
      LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
      WHERE p.command = 'Sleep' AND p.host LIKE '%:%' AND t.trx_id IS NULL
        -- One that was used a moment ago may be between two questions of one request.
        AND p.time_ms > 120
  ) DO
    EXECUTE IMMEDIATE CONCAT('KILL ', idle.id);
  END FOR;
END//
DELIMITER ;
SELECT COUNT(*) FROM information_schema.processlist WHERE host LIKE '%:%' AND command <> 'Killed';
SQL
  )
  if [ "$left" = 0 ]; then exit 0; fi
done
