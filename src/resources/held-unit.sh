# While what a server has is looked at or moved it must not start, whoever wants it: Debian 13's APIs name MariaDB and
# RabbitMQ in Wants=, so that one which is started again and again starts those, too. Until the next boot at most.
hold_unit() {
  mkdir -p "/run/systemd/system/$1.d"
  cat >"/run/systemd/system/$1.d/mcp-held.conf" <<END
# Written by mcp, which releases the unit when it is its turn to start. To start it by hand, remove this file.
[Unit]
AssertPathExists=!/run/systemd/system/$1.d/mcp-held.conf
END
  systemctl daemon-reload
}

# Before each start of a unit that somebody may hold: a run that was cut off leaves it held.
release_unit() {
  if [ -e "/run/systemd/system/$1.d/mcp-held.conf" ]; then
    rm -f "/run/systemd/system/$1.d/mcp-held.conf"
    systemctl daemon-reload
  fi
}
