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
CREATE USER IF NOT EXISTS 'mcp_probe'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe';
ALTER USER 'mcp_probe'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe' WITH MAX_USER_CONNECTIONS 20;
GRANT PROCESS ON *.* TO 'mcp_probe'@'10.77.2.0/255.255.255.0';

# Writes numbered rows while a failover drill breaks things. Its own schema, nothing else.
CREATE DATABASE IF NOT EXISTS mcp_drill;
CREATE USER IF NOT EXISTS 'mcp_drill'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
ALTER USER 'mcp_drill'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
GRANT ALL PRIVILEGES ON mcp_drill.* TO 'mcp_drill'@'10.77.2.0/255.255.255.0';

# What keystone keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS keystone CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'keystone'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-keystone-database';
ALTER USER 'keystone'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-keystone-database';
GRANT ALL PRIVILEGES ON keystone.* TO 'keystone'@'10.77.2.0/255.255.255.0';

# What glance keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS glance CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'glance'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-glance-database';
ALTER USER 'glance'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-glance-database';
GRANT ALL PRIVILEGES ON glance.* TO 'glance'@'10.77.2.0/255.255.255.0';

# What placement keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS placement CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'placement'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-placement-database';
ALTER USER 'placement'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-placement-database';
GRANT ALL PRIVILEGES ON placement.* TO 'placement'@'10.77.2.0/255.255.255.0';

# What nova keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS nova_api CHARACTER SET utf8mb3;
CREATE DATABASE IF NOT EXISTS nova CHARACTER SET utf8mb3;
CREATE DATABASE IF NOT EXISTS nova_cell0 CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'nova'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-nova-database';
ALTER USER 'nova'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-nova-database';
GRANT ALL PRIVILEGES ON nova_api.* TO 'nova'@'10.77.2.0/255.255.255.0';
GRANT ALL PRIVILEGES ON nova.* TO 'nova'@'10.77.2.0/255.255.255.0';
GRANT ALL PRIVILEGES ON nova_cell0.* TO 'nova'@'10.77.2.0/255.255.255.0';

# What neutron keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS neutron CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'neutron'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-neutron-database';
ALTER USER 'neutron'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-neutron-database';
GRANT ALL PRIVILEGES ON neutron.* TO 'neutron'@'10.77.2.0/255.255.255.0';

# What horizon keeps: its own schemas and nothing else.
CREATE DATABASE IF NOT EXISTS horizon CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS 'horizon'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-horizon-database';
ALTER USER 'horizon'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-horizon-database';
GRANT ALL PRIVILEGES ON horizon.* TO 'horizon'@'10.77.2.0/255.255.255.0';
