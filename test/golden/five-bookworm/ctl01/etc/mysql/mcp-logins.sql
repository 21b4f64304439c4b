# Written by mcp from galera/logins.sql.hbs. Changes here are overwritten.
# Run at the end of a deploy that reached every host, on one member: each account has this password and no other. Sessions that
# began with a former one go on.
ALTER USER 'mcp_probe'@'10.77.0.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-probe' WITH MAX_USER_CONNECTIONS 20;
ALTER USER 'mcp_drill'@'10.77.0.0/255.255.255.0' IDENTIFIED BY 'secret-of-galera-drill';
