# The host lets us in: its undoing waits for the gate now, which takes longer.
: "${base:?}" "${unit:?}" "${seconds:?}" "${undone_code:?}"

if [ -e "$base.done" ]; then
  systemctl stop "$unit.timer" 2>/dev/null
  exit "$undone_code"
fi
# Asked again where the answer was lost.
systemctl is-active --quiet "$unit-gate.timer" || systemd-run --quiet --collect --unit="$unit-gate" \
  --on-active="$seconds" --timer-property=AccuracySec=1s sh "$base.sh" || exit 1
systemctl stop "$unit.timer"
[ ! -e "$base.done" ] || exit "$undone_code"
