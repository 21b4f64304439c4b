# Takes away what was armed on this host, after it has run or so that it never does.
: "${directory:?}" "${boot_unit:?}" "${boot_directory:?}"

rm -rf "$directory" "$boot_directory"
if [ -e "/etc/systemd/system/$boot_unit" ]; then
  systemctl --quiet disable "$boot_unit"
  rm -f "/etc/systemd/system/$boot_unit"
  systemctl daemon-reload
fi
