# Ends a unit that nothing describes any more. Its package stays, and so does what other packages say of it: a unit that
# names it would start it again, as Debian 13's APIs do with MariaDB and RabbitMQ. held-unit.sh stands before it.
: "${unit:?}" "${record:?}"

# First: should this be cut off, nobody takes the unit for one that runs as it should.
rm -f -- "$record"
case $(systemctl show --property LoadState --value "$unit") in
  not-found) exit 0 ;;
  masked)
    # A run before this one was cut off after that.
    release_unit "$unit"
    systemctl stop "$unit" || exit
    exit 0
    ;;
esac

is_wanted_by_packages() {
  for name in $(systemctl show --property Names --value "$unit"); do
    ! grep -qsE "^(Wants|Requires|BindsTo|Upholds)=(.* )?$name( |\$)" /usr/lib/systemd/system/*.service || return 0
  done
  return 1
}

masked=
# What has its file where a mask would be is ours, and goes with its file.
if [ ! -e "/etc/systemd/system/$unit" ] && is_wanted_by_packages; then masked=yes; fi
[ -z "$masked" ] || hold_unit "$unit"
# The unit alone, without a script of the old kind beside it, which would start perl.
SYSTEMCTL_SKIP_SYSV=1 systemctl disable --now --quiet "$unit" || exit
if [ -n "$masked" ]; then
  systemctl mask --quiet "$unit" || exit
  release_unit "$unit"
fi
systemctl reset-failed "$unit" 2>/dev/null
exit 0
