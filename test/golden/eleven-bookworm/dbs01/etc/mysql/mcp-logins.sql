# Written by mcp from galera/logins.sql.hbs. Changes here are overwritten.
# Run at the end of a deploy that reached every host, on one member: each account has this password and no other. Sessions that
# began with a former one go on.
ALTER USER 'mcp_probe'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe' WITH MAX_USER_CONNECTIONS 20;
ALTER USER 'mcp_drill'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
ALTER USER 'keystone'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-keystone-database';
ALTER USER 'glance'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-glance-database';
ALTER USER 'placement'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-placement-database';
ALTER USER 'nova'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-nova-database';
ALTER USER 'neutron'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-neutron-database';
ALTER USER 'horizon'@'10.77.2.0/255.255.255.0' IDENTIFIED BY 'secret-of-horizon-database';
