# Starts, restarts or reloads a unit. systemd refuses one that failed too often; and what the unit last said is what the
# operator needs to know. held-unit.sh stands before it.
: "${unit:?}" "${action:?}"

release_unit "$unit"
systemctl reset-failed "$unit" 2>/dev/null
systemctl "$action" "$unit" || {
  code=$?
  journalctl --unit "$unit" --lines 15 --no-pager --output cat 2>/dev/null
  exit $code
}
