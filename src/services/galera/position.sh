# Prints how far the data of this member goes, and how that is known. Serves a look: whatever fails here is said, too.
# held-unit.sh stands before it.
: "${data:?}" "${socket:?}" "${unit:?}"

[ -x /usr/sbin/mariadbd ] || exit 0
if [ ! -e "$data/ibdata1" ]; then
  echo data=none
  # What a recovery before has put aside is why there is nothing.
  for aside in "$data".aside.*; do
    if [ -e "$aside" ]; then echo aside=yes; fi
  done
  exit 0
fi

# A server that answers knows it best.
if said=$(timeout -k 1 3 mariadb --no-defaults --socket="$socket" -N -B -e "SHOW GLOBAL STATUS WHERE Variable_name IN
    ('wsrep_cluster_state_uuid', 'wsrep_last_committed')" 2>/dev/null); then
  printf '%s\n' "$said" | while read -r name value; do
    case $name in
      wsrep_cluster_state_uuid) echo "uuid=$value" ;;
      wsrep_last_committed) echo "seqno=$value" ;;
    esac
  done
  exit 0
fi

value() { systemctl show --property "$1" --value "$unit"; }
# What is started again and again must not come between: two servers can't have the same data.
again=
if [ "$(value SubState)" = auto-restart ]; then again=yes; fi
if [ ! -e "/run/systemd/system/$unit.d/mcp-held.conf" ]; then
  trap 'release_unit "$unit"' EXIT
  hold_unit "$unit"
fi

for _ in $(seq 60); do
  # Both at once: it may end between two questions.
  now=$(systemctl show --property MainPID --property SubState "$unit" | sort)
  pid=$(printf '%s\n' "$now" | sed -n 's/^MainPID=//p')
  case $pid:${now##*SubState=} in
    0:*) break ;;
    *:start)
      # One that waits for the others was started with it, and has committed nothing since. Before, Debian's unit finds
      # it out in a shell.
      started=$(tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | sed -n 's/^--wsrep_start_position=//p')
      if [ -n "$started" ]; then
        echo "uuid=${started%:*}"
        echo "seqno=${started##*:}"
        exit 0
      fi
      ;;
    # A run of mcp before this one, that was cut off, had begun to stop it; one that waits for the others is killed then.
    *:stop-*) ;;
    *) break ;;
  esac
  sleep 0.5
done
if [ "$pid" != 0 ]; then
  # It may have committed since it was started, and does not say; or it is about to use its data.
  echo data=slow
  exit 0
fi

[ -z "$again" ] || systemctl stop "$unit"
log=$(mktemp)
timeout -k 5 60 mariadbd --user=mysql --wsrep_recover --disable-log-error >/dev/null 2>"$log"
ended=$?
found=$(sed -n 's/.*WSREP: Recovered position: *\([0-9a-f-]*:-\{0,1\}[0-9]*\).*/\1/p' "$log" | tail -n 1)
if [ -n "$found" ]; then
  echo "uuid=${found%:*}"
  echo "seqno=${found##*:}"
elif [ "$ended" = 124 ] || [ "$ended" = 137 ]; then
  echo data=slow
else
  echo data=unreadable
  grep -F '[ERROR]' "$log" | tail -n 1 | sed 's/.*\[ERROR\] */reason=/'
fi
rm -f "$log"
[ -z "$again" ] || { release_unit "$unit" && systemctl start --no-block "$unit"; }
exit 0
