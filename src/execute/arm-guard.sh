# Arms the undoing of a change: a timer of the host's own, that needs nothing of us. On stdin comes what it runs.
: "${base:?}" "${unit:?}" "${seconds:?}"
# Names, with blanks between.
: "${units?}"

umask 077
: >"$base.inactive" || exit
for each in $units; do
  systemctl is-active --quiet "$each" || printf '%s\n' "$each" >>"$base.inactive"
done
cat >"$base.sh" || exit
systemd-run --quiet --collect --unit="$unit" --on-active="$seconds" sh "$base.sh"
