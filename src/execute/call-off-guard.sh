# The cloud is well with the change: it stays. Fails where it was undone already.
: "${base:?}" "${unit:?}" "${boot_unit:?}" "${unit_files:?}"

systemctl stop "$unit-gate.timer"
systemctl stop "$unit.timer" 2>/dev/null
[ ! -e "$base.done" ] || exit
rm -f -- "$unit_files/multi-user.target.wants/$boot_unit" "$unit_files/$boot_unit"
