# Undoes a change, on the host and without us: files as they were, units started with them. Records of what is undone
# tell of nothing that is wanted, so that the next plan sees it as due; what had none before has none again, since it
# would not be told from what has never been there. Words: the files that were swapped.
: "${folder:?}" "${base:?}" "${state:?}"
: "${boot_unit:?}" "${unit_files:?}"
# Names, with blanks between.
: "${units?}" "${records?}"

# No step of the change is in the middle of its work, or will begin: each looks for this first, under the same lock.
exec 8<>"$base.lock" && flock -w 120 8
rm -f -- "$unit_files/timers.target.wants/$boot_unit.timer" "$unit_files/$boot_unit.timer" "$unit_files/$boot_unit.service"
[ ! -e "$base.kept" ] || exit 0
: >"$base.done"
# Nothing to undo: no step of the change was begun, or another of its timers was first. What runs is left alone.
if [ ! -e "$base.begun" ] || [ -e "$base.undone" ]; then exit 0; fi
# Stopped by the definition that they were started with: it knows how to clean up after itself.
# shellcheck disable=SC2086 # words
systemctl stop -- $units
listed=" $* "
while read -r sum path; do
  case "$listed" in *" $path "*) ;; *) printf '%s  %s\n' "$sum" "$path" ;; esac
done <"$state/files" >"$state/files.new" && mv -f "$state/files.new" "$state/files"
for record in $records; do
  if grep -qxF -- "$record" "$base.recorded" 2>/dev/null; then printf 'restart=undone\nreload=undone\n' >"$state/units/$record"
  else rm -f -- "$state/units/$record"; fi
done
for path; do
  before=$folder/before$path
  if [ -e "$before" ]; then cp -a -- "$before" "$path.mcp-new" && mv -fT -- "$path.mcp-new" "$path"
  # The swap says of what it found nothing.
  elif grep -qxF -- "$path" "$folder/absent" 2>/dev/null; then rm -f -- "$path"; fi
done
# As they were before the change is as the last run left them: whoever edits one now is noticed.
for path; do
  if [ -e "$folder/before$path" ] && [ -e "$path" ]; then
    sum=$(sha256sum <"$path") && printf '%s  %s\n' "${sum%% *}" "$path" >>"$state/files"
  fi
done
systemctl daemon-reload
for unit in $units; do
  systemctl reset-failed "$unit"
  grep -qxF -- "$unit" "$base.inactive" || systemctl start "$unit"
done
: >"$base.undone"
exit 0
