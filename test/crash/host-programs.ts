/**
 * What hosts of a local cloud have of systemd and Debian: files below `$LAB/$HOST`. Time stands still there: a timer
 * fires when the test says that time has passed. What systemd is asked for it does, whatever becomes of who asked.
 */

/** Acts are told with the first line of the unit's file: `restart cluster.service version 2`. */
const systemctl = `#!/bin/sh
trap '' HUP
host=$LAB/$HOST
verb=$1; shift
names= now= value=
for word; do
  case $word in
    --now) now=yes ;;
    --value) value=yes ;;
    --* | active,* | Id,* | LoadState) ;;
    *) names="$names $word" ;;
  esac
done
says() {
  version='no file'
  [ ! -r "$host/etc/\${2%.service}.conf" ] || read -r version <"$host/etc/\${2%.service}.conf"
  echo "$1 $2 $version" >>"$host/acts"
}
begin() {
  says "$1" "$2"
  : >"$host/units/$2.active"
  starts=0
  [ ! -r "$host/units/$2.starts" ] || read -r starts <"$host/units/$2.starts"
  echo $((starts + 1)) >"$host/units/$2.starts"
}
end() {
  [ -e "$host/units/$1.active" ] || return 0
  says stop "$1"
  rm -f "$host/units/$1.active"
}
tell() {
  active=inactive enabled=disabled starts=0
  [ ! -e "$host/units/$1.active" ] || active=active
  [ ! -e "$host/units/$1.enabled" ] || enabled=enabled
  [ ! -r "$host/units/$1.starts" ] || read -r starts <"$host/units/$1.starts"
  printf 'Id=%s\\nLoadState=loaded\\nActiveState=%s\\nSubState=running\\nUnitFileState=%s\\nMainPID=%s\\n\\n' \\
    "$1" $active $enabled $starts
}
is_there() {
  case $1 in
    mcp-*) [ -e "$host/transient/$1" ] ;;
    *) [ -e "$host/units/$1.active" ] ;;
  esac
}
ours() {
  for each in "$host"/transient/mcp-[0-9]*; do [ ! -e "$each" ] || echo "\${each##*/}"; done
}
set -f
for name in $names; do
  case $verb in
    show)
      [ -z "$value" ] || { echo loaded; exit; }
      case $name in
        mcp-*)
          set +f
          for each in $(ours); do printf 'Id=%s\\nActiveState=active\\n\\n' "$each"; done ;;
        *) tell "$name" ;;
      esac ;;
    is-active) is_there "$name" || exit 3 ;;
    list-units)
      set +f
      for each in $(ours); do echo "$each loaded active"; done ;;
    start) [ -e "$host/units/$name.active" ] || begin start "$name" ;;
    restart) begin restart "$name" ;;
    reload) says reload "$name" ;;
    stop)
      case $name in
        mcp-*) [ -e "$host/transient/$name" ] || exit 5; rm -f "$host/transient/$name" ;;
        *) end "$name" ;;
      esac ;;
    enable) : >"$host/units/$name.enabled" ;;
    disable) rm -f "$host/units/$name.enabled"; [ -z "$now" ] || end "$name" ;;
  esac
done
exit 0
`;

/** A timer is a file: its seconds, and the shell command that it runs. What it is given has no single quotes. */
const systemdRun = `#!/bin/sh
trap '' HUP
delay=
while :; do
  case $1 in
    --unit=*) unit=\${1#--unit=} ;;
    --on-active=*) delay=\${1#--on-active=} ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
if [ -n "$delay" ]; then
  { echo "$delay"; printf "'%s' " "$@"; } >"$LAB/$HOST/transient/$unit.timer"
  exit
fi
: >"$LAB/$HOST/transient/$unit"
setsid sh -c 'unit=$1; shift; "$@"; rm -f "$unit"' unit "$LAB/$HOST/transient/$unit" "$@" >/dev/null 2>&1 </dev/null &
`;

const dpkgQuery = `#!/bin/sh
shift 3 2>/dev/null
for name; do [ ! -e "$LAB/$HOST/packages/$name" ] || echo "$name installed 1.0"; done
`;

/** Notes what the start policy says while it installs. */
const aptGet = `#!/bin/sh
case " $* " in *' install '*) ;; *) exit ;; esac
"$LAB/$HOST/policy-rc.d"; [ $? = 101 ] || echo 'installed with daemons allowed to start' >>"$LAB/$HOST/acts"
while [ "$1" != -- ]; do shift; done
shift
for name; do : >"$LAB/$HOST/packages/$name"; done
`;

const nothing = '#!/bin/sh\nexit 0\n';

/** By name. Whatever is not here is this machine's own; what would touch it as a whole does nothing. */
export const hostPrograms: Readonly<Record<string, string>> = {
  systemctl,
  'systemd-run': systemdRun,
  'dpkg-query': dpkgQuery,
  'apt-get': aptGet,
  journalctl: nothing,
  dpkg: nothing,
  nft: nothing,
  'debconf-set-selections': nothing,
  'update-ca-certificates': nothing,
};
