# Asks the member on this host, with SQL on stdin.
set -eu
: "${socket:?}"

sql() { timeout -k 1 5 mariadb --no-defaults --socket="$socket" -N -B; }
