# Arms the undoing of a change, by what needs nothing of us: a timer of the host's own, and one that does it after the next
# boot, since the first does not outlive the power. On stdin comes what they run.
: "${base:?}" "${unit:?}" "${seconds:?}" "${boot_unit:?}" "${unit_files:?}" "${state:?}"
# Names, with blanks between.
: "${units?}" "${records?}"

# Cut off before the timer runs, nothing would ever take away what is for the next boot.
armed=
disarm() {
  # Another signal would end this in the middle, or what it has called.
  trap '' HUP INT TERM PIPE
  [ -n "$armed" ] ||
    rm -f -- "$unit_files/timers.target.wants/$boot_unit.timer" "$unit_files/$boot_unit.timer" "$unit_files/$boot_unit.service"
}
trap disarm EXIT
# It disarms by itself: dash may run it in the middle of the trap above, which its `exit` would then cut short.
trap 'disarm; exit 143' HUP INT TERM PIPE
umask 077
: >"$base.lock" && : >"$base.inactive" || exit
for each in $units; do
  systemctl is-active --quiet "$each" || printf '%s\n' "$each" >>"$base.inactive"
done
mkdir -p -- "$base.records" || exit
for each in $records; do
  [ ! -e "$state/units/$each" ] || cp -a -- "$state/units/$each" "$base.records/$each" || exit
done
cat >"$base.sh" || exit
# systemd says of unit files that not everybody may read that this has no effect, each time it reads them.
umask 022
mkdir -p "$unit_files/timers.target.wants" || exit
cat >"$unit_files/$boot_unit.service" <<UNIT || exit
# Written by mcp, which takes it away once the change is confirmed.
[Unit]
Description=Undoes a change of mcp that was not confirmed before the host went down
[Service]
Type=oneshot
ExecStart=/bin/sh $base.sh
UNIT
# By a timer, which waits for nothing that the change may have broken, and is seen by the next run.
cat >"$unit_files/$boot_unit.timer" <<UNIT || exit
# Written by mcp, which takes it away once the change is confirmed.
[Unit]
Description=Undoes a change of mcp that was not confirmed before the host went down
[Timer]
OnBootSec=60
AccuracySec=1
[Install]
WantedBy=timers.target
UNIT
ln -sfn "../$boot_unit.timer" "$unit_files/timers.target.wants/$boot_unit.timer" || exit
find "$base.records" -exec sync {} +
sync "$base.sh" "$base.inactive" "$unit_files/$boot_unit.service" "$unit_files/$boot_unit.timer" "$unit_files" "$unit_files/timers.target.wants"
systemd-run --quiet --collect --unit="$unit" --on-active="$seconds" --timer-property=AccuracySec=1s sh "$base.sh" &&
  armed=yes
