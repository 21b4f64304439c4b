#!/bin/sh
# Written by mcp from galera/wsrep_sst_mariabackup_tls.sh. Changes here are overwritten.
# The copy of a whole member, encrypted: Debian's program with what stands below [sst_tls] beside what stands below [sst]. A
# member asks another for a copy by the name of a program, and both run it: so both encrypt or neither, whatever the one that
# is asked would ask for itself. Even a member that only needs what it has missed is told so by this program.
exec /usr/bin/wsrep_sst_mariabackup --defaults-group-suffix _tls "$@"
