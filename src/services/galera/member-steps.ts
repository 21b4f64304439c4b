import type { Host } from '../../model/host.ts';
import type { ScriptStep } from '../../model/step.ts';
import { quote } from '../../model/transport.ts';
import { agentPort, clientAddress, maintenanceMark, probeFile, serverSocket } from './layout.ts';

/** Lets transactions that take long end before anyone has to wait for them. Bounded: then they are cut. */
export const awaitLongTransactions = (host: string): ScriptStep => ({
  host,
  title: 'wait for long transactions',
  timeoutSeconds: 20,
  script: `${sql}
for attempt in $(seq 40); do
  long=$(sql <<'SQL'
${pause}
SELECT COUNT(*) FROM information_schema.innodb_trx t
  JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
  WHERE p.host LIKE '%:%' AND t.trx_started < NOW() - INTERVAL 1 SECOND;
SQL
  )
  if [ "$long" = 0 ]; then exit 0; fi
  sleep 0.1
done
`,
});

/**
 * Ends the sessions of clients as soon as each is between two transactions. New ones are held back meanwhile, so it
 * is short: what is still busy after about 2 s is cut when the member is taken out.
 */
export const endSessions = (host: string): ScriptStep => ({
  host,
  title: 'end idle SQL sessions',
  timeoutSeconds: 20,
  script: `${sql}
for attempt in $(seq 12); do
  left=$(sql <<'SQL'
${pause}
DELIMITER //
BEGIN NOT ATOMIC
  -- One that went away by itself in this moment.
  DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;
  FOR idle IN (
    SELECT p.id FROM information_schema.processlist p
      LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
      WHERE p.command = 'Sleep' AND p.host LIKE '%:%' AND t.trx_id IS NULL
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
`,
});

/** Waits until the member has applied everything that the old writer committed. */
export const awaitApplied = (host: string): ScriptStep => ({
  host,
  title: 'apply all write sets',
  timeoutSeconds: 15,
  script: `${sql}
for attempt in $(seq 100); do
  waiting=$(echo "SHOW GLOBAL STATUS LIKE 'wsrep_local_recv_queue'" | sql | cut -f 2)
  if [ "$waiting" = 0 ]; then exit 0; fi
  sleep 0.05
done
echo "it still has $waiting write sets to apply after 5 s" >&2
exit 1
`,
});

/** Asks through the VIP until another member than \`formerly\` answers. */
export const awaitNewWriter = (host: string, vip: string, formerly: string): ScriptStep => ({
  host,
  title: 'another member answers through the VIP',
  timeoutSeconds: 20,
  script: `for attempt in $(seq 20); do
  writer=$(timeout -k 1 2 mariadb --defaults-file=${probeFile} --host=${quote(vip)} -N -B \\
    -e 'SELECT @@wsrep_node_name' 2>/dev/null) || writer=
  case $writer in '' | ${quote(formerly)}) sleep 0.25 ;; *) exit 0 ;; esac
done
echo "through the VIP answers \${writer:-nobody}" >&2
exit 1
`,
});

/** Waits until the member could take the writes, in its own and in its health agent's eyes. */
export const awaitUsable = (host: Host): ScriptStep => ({
  host: host.name,
  title: 'wait until the member is Synced',
  timeoutSeconds: 900,
  script: `${sql}
state=unknown
for attempt in $(seq 1700); do
  if [ -e ${maintenanceMark} ]; then exit 0; fi
  state=$(sql 2>/dev/null <<'SQL'
SELECT CONCAT(a.variable_value, ' ', b.variable_value)
  FROM information_schema.global_status a, information_schema.global_status b
  WHERE a.variable_name = 'wsrep_local_state_comment' AND b.variable_name = 'wsrep_local_recv_queue';
SQL
  ) || state=unknown
  if [ "$state" = 'Synced 0' ] && timeout 2 bash -c '
      exec 3<>/dev/tcp/${clientAddress(host)}/${agentPort}
      printf "GET /writer HTTP/1.0\\r\\n\\r\\n" >&3
      head -n 1 <&3 | grep -q " 200 "' 2>/dev/null; then
    exit 0
  fi
  sleep 0.5
done
echo "the member is not usable: $state" >&2
exit 1
`,
});

const sql = `set -eu
sql() { timeout -k 1 5 mariadb --no-defaults --socket=${serverSocket} -N -B; }`;

// InnoDB looks at its transactions anew only for a question that comes 100 ms after the one before.
const pause = 'DO SLEEP(0.12);';
