# Written by mcp from galera/users.sql.hbs. Changes here are overwritten.
# Run on one member as root through the socket; Galera takes it to the others. Each statement may be repeated.

# The copy of a whole member (mariadb-backup), as the server's own system user.
CREATE USER IF NOT EXISTS 'mysql'@'localhost' IDENTIFIED VIA unix_socket;
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, REPLICA MONITOR ON *.* TO 'mysql'@'localhost';

# The health agent: reads wsrep status, which needs no privilege.
CREATE USER IF NOT EXISTS 'mcp-galera-agent'@'localhost' IDENTIFIED VIA unix_socket;
ALTER USER 'mcp-galera-agent'@'localhost' IDENTIFIED VIA unix_socket WITH MAX_USER_CONNECTIONS 3;

# Asks through the VIP which member answers, and which sessions are in the middle of a transaction: none of these is
# ended when the VIP moves.
CREATE USER IF NOT EXISTS 'mcp_probe'@'10.77.1.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe';
ALTER USER 'mcp_probe'@'10.77.1.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe' WITH MAX_USER_CONNECTIONS 20;
GRANT PROCESS ON *.* TO 'mcp_probe'@'10.77.1.0/255.255.255.0';

# Writes numbered rows while a failover drill breaks things. Its own schema, nothing else.
CREATE DATABASE IF NOT EXISTS mcp_drill;
CREATE USER IF NOT EXISTS 'mcp_drill'@'10.77.1.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
ALTER USER 'mcp_drill'@'10.77.1.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
GRANT ALL PRIVILEGES ON mcp_drill.* TO 'mcp_drill'@'10.77.1.0/255.255.255.0';
