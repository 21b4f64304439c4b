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
CREATE USER IF NOT EXISTS 'mcp_probe'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe' WITH MAX_USER_CONNECTIONS 20;
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'mcp_probe' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-galera-probe')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'mcp_probe'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-galera-probe')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former))), ' WITH MAX_USER_CONNECTIONS 20'
);
GRANT PROCESS ON *.* TO 'mcp_probe'@'10.77.2.0/255.255.255.0';

# Writes numbered rows while a failover drill breaks things. Its own schema, nothing else.
CREATE DATABASE IF NOT EXISTS mcp_drill;
CREATE USER IF NOT EXISTS 'mcp_drill'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'mcp_drill' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-galera-drill')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'mcp_drill'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-galera-drill')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON mcp_drill.* TO 'mcp_drill'@'10.77.2.0/255.255.255.0';

# What keystone keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS keystone CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'keystone'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-keystone-database';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'keystone' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-keystone-database')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'keystone'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-keystone-database')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON keystone.* TO 'keystone'@'10.77.2.0/255.255.255.0';

# What glance keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS glance CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'glance'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-glance-database';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'glance' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-glance-database')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'glance'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-glance-database')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON glance.* TO 'glance'@'10.77.2.0/255.255.255.0';

# What placement keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS placement CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'placement'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-placement-database';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'placement' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-placement-database')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'placement'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-placement-database')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON placement.* TO 'placement'@'10.77.2.0/255.255.255.0';

# What nova keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS nova_api CHARACTER SET utf8mb3;
CREATE DATABASE IF NOT EXISTS nova CHARACTER SET utf8mb3;
CREATE DATABASE IF NOT EXISTS nova_cell0 CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'nova'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-nova-database';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'nova' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-nova-database')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'nova'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-nova-database')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON nova_api.* TO 'nova'@'10.77.2.0/255.255.255.0';
GRANT ALL PRIVILEGES ON nova.* TO 'nova'@'10.77.2.0/255.255.255.0';
GRANT ALL PRIVILEGES ON nova_cell0.* TO 'nova'@'10.77.2.0/255.255.255.0';

# What neutron keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS neutron CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'neutron'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-neutron-database';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'neutron' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-neutron-database')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'neutron'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-neutron-database')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON neutron.* TO 'neutron'@'10.77.2.0/255.255.255.0';

# What horizon keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS horizon CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'horizon'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-horizon-database';
SET @former = (
  SELECT way FROM mysql.global_priv, JSON_TABLE(
    JSON_EXTRACT(Priv, '$**.authentication_string'), '$[*]' COLUMNS (place FOR ORDINALITY, way VARCHAR(64) PATH '$')) AS known
  WHERE User = 'horizon' AND Host = '10.77.2.0/255.255.255.0' AND way LIKE '*%' AND way <> PASSWORD('secret-of-horizon-database')
  ORDER BY place LIMIT 1
);
EXECUTE IMMEDIATE CONCAT(
  "ALTER USER 'horizon'@'10.77.2.0/255.255.255.0' IDENTIFIED VIA mysql_native_password USING ", QUOTE(PASSWORD('secret-of-horizon-database')),
  IF(@former IS NULL, '', CONCAT(' OR mysql_native_password USING ', QUOTE(@former)))
);
GRANT ALL PRIVILEGES ON horizon.* TO 'horizon'@'10.77.2.0/255.255.255.0';
