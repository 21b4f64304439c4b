# Installs packages, the words, with no daemon started by their maintainer scripts, no question asked, existing
# configuration kept and no database made for them. start-policy.sh stands before it.
: "${policy:?}" "${mark:?}"

export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l LC_ALL=C.UTF-8
remove_policy
trap remove_policy EXIT
trap 'exit 143' HUP INT TERM
place_policy || exit
if command -v debconf-set-selections >/dev/null; then
  echo 'dbconfig-common dbconfig-common/dbconfig-install boolean false' | debconf-set-selections
fi
# What a run that was killed left half installed. Where that fails, the installation meets it again, and has more tries.
dpkg --configure -a --force-confold --force-confdef || echo 'not all that was half installed could be configured'
# Lists that are here may be enough when the mirror does not answer; the installation decides.
apt-get update -q -o DPkg::Lock::Timeout=300 || echo 'the package lists could not be refreshed'
install() {
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef -- "$@"
}
install "$@" && exit
failed=$?
# A package whose own script failed among the others gets more chances when all of them are there: Horizon's renders its
# pages in four threads with a parser that now and then trips over the others (pyScss; three of nine busy hosts met it).
# Where it fails again, why stands at the end of what was said, and not before the words of all that came after it.
for try in 1 2 3; do
  # With nothing half installed it failed earlier (no mirror, no such package), and would fail again.
  [ -n "$(dpkg --audit)" ] || exit $failed
  echo "what could not be configured is tried again, by itself: $try of 3"
  dpkg --configure -a --force-confold --force-confdef && install "$@" && exit
  failed=$?
done
exit $failed
