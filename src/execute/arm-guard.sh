# Arms the undoing of a change, by what needs nothing of us: a timer of the host's own, and a unit that does it at the next
# boot, since a timer does not outlive the power. On stdin comes what they run.
: "${base:?}" "${unit:?}" "${seconds:?}" "${boot_unit:?}" "${unit_files:?}"
# Names, with blanks between.
: "${units?}"

umask 077
: >"$base.lock" && : >"$base.inactive" || exit
for each in $units; do
  systemctl is-active --quiet "$each" || printf '%s\n' "$each" >>"$base.inactive"
done
cat >"$base.sh" || exit
mkdir -p "$unit_files/multi-user.target.wants" || exit
# After all that it may stop and start again.
cat >"$unit_files/$boot_unit" <<UNIT || exit
# Written by mcp, which takes it away once the change is confirmed.
[Unit]
Description=Undoes a change of mcp that was not confirmed before the host went down
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh $base.sh
[Install]
WantedBy=multi-user.target
UNIT
ln -sfn "../$boot_unit" "$unit_files/multi-user.target.wants/$boot_unit" || exit
sync "$base.sh" "$unit_files/$boot_unit" "$unit_files/multi-user.target.wants"
systemd-run --quiet --collect --unit="$unit" --on-active="$seconds" sh "$base.sh"
