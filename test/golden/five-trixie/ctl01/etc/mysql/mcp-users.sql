# Written by mcp from galera/users.sql.hbs. Changes here are overwritten.
# Run on one member as root through the socket; Galera takes it to the others. Each statement may be repeated.
# A password that an account has is left in force beside the one that is written here, since whoever logs in with it gets the
# new one later: mcp-logins.sql takes it away when all have it. One former password, since clients try no third (PyMySQL).

# The copy of a whole member (mariadb-backup), as the server's own system user.
CREATE USER IF NOT EXISTS 'mysql'@'localhost' IDENTIFIED VIA unix_socket;
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, REPLICA MONITOR ON *.* TO 'mysql'@'localhost';

# The health agent: reads wsrep status, which needs no privilege.
CREATE USER IF NOT EXISTS 'mcp-galera-agent'@'localhost' IDENTIFIED VIA unix_socket;
ALTER USER 'mcp-galera-agent'@'localhost' IDENTIFIED VIA unix_socket WITH MAX_USER_CONNECTIONS 3;

# Asks through the VIP which member answers, and which sessions are in the middle of a transaction: none of these is ended when the VIP moves.
CREATE USER IF NOT EXISTS 'mcp_probe'@'10.77.0.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe' WITH MAX_USER_CONNECTIONS 20;
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'mcp_probe' AND Host = '10.77.0.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-galera-probe')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'mcp_probe'@'10.77.0.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-galera-probe')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former))), ' WITH MAX_USER_CONNECTIONS 20'
);
GRANT PROCESS ON *.* TO 'mcp_probe'@'10.77.0.0/255.255.255.0';

# Writes numbered rows while a failover drill breaks things. Its own schema, nothing else.
CREATE DATABASE IF NOT EXISTS mcp_drill;
CREATE USER IF NOT EXISTS 'mcp_drill'@'10.77.0.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'mcp_drill' AND Host = '10.77.0.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-galera-drill')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'mcp_drill'@'10.77.0.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-galera-drill')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON mcp_drill.* TO 'mcp_drill'@'10.77.0.0/255.255.255.0';
