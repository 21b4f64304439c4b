# The cloud is well with the change: it stays. Fails where it was undone already, or is being undone.
: "${base:?}" "${unit:?}" "${boot_unit:?}" "${unit_files:?}" "${undone_code:?}"

exec 8<>"$base.lock" && flock -w 15 8 || exit 1
[ ! -e "$base.done" ] || exit "$undone_code"
: >"$base.kept"
sync "$base.kept"
# The timers go last: should this be cut off, they find the change kept, and nothing is left at the next boot.
rm -f -- "$unit_files/timers.target.wants/$boot_unit.timer" "$unit_files/$boot_unit.timer" "$unit_files/$boot_unit.service"
# Where systemd has read its unit files meanwhile it knows them still.
[ "$(systemctl show -p LoadState --value "$boot_unit.timer" 2>/dev/null)" != loaded ] || systemctl daemon-reload
systemctl stop "$unit-gate.timer" 2>/dev/null
systemctl stop "$unit.timer" 2>/dev/null
exit 0
