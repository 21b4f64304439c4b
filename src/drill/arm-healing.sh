# Arms what undoes a fault on this host; the program that does it follows on stdin. It goes through a file, since systemd
# expands what looks like a variable in an argument; a timer's accuracy is a minute unless told otherwise.
set -eu
: "${unit:?}" "${directory:?}" "${seconds:?}"
# Empty: what is armed need not outlive a shutdown.
: "${boot_unit?}" "${boot_directory?}"

umask 077
systemctl stop "$unit.timer" 2>/dev/null || true
systemctl reset-failed "$unit.service" 2>/dev/null || true
mkdir -p "$directory"
cat >"$directory/heal"
if [ -n "$boot_unit" ]; then
  mkdir -p "$boot_directory"
  cp "$directory/heal" "$boot_directory/heal"
  cat >"/etc/systemd/system/$boot_unit" <<UNIT
[Unit]
Description=undoes once what a drill of mcp did before this host was shut down
After=network.target
[Service]
Type=oneshot
ExecStart=/bin/sh $boot_directory/heal
[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl --quiet enable "$boot_unit"
  sync "$boot_directory/heal" "/etc/systemd/system/$boot_unit"
fi
systemd-run --quiet --collect --unit="$unit" --on-active="${seconds}s" --timer-property=AccuracySec=50ms \
  /bin/sh "$directory/heal" >&2
[ "$(systemctl show --property=ActiveState --value "$unit.timer")" = active ]
echo armed
