# Undoes a change, on the host and without us: files as they were, units started with them, and that on record, so that
# the next plan sees the change as due. Words: the files that were swapped or taken away. put-back.sh stands before it.
: "${folder:?}" "${base:?}" "${state:?}"
: "${boot_unit:?}" "${unit_files:?}"
# Names, with blanks between.
: "${units?}" "${records?}"
# Of the records, those that the swap has forgotten, with blanks between.
: "${forgotten?}"
# Of the words, those that were taken away, with blanks between.
: "${removed?}"

# No step of the change is in the middle of its work, or will begin: each looks for this first, under the same lock.
exec 8<>"$base.lock" && flock -w 120 8
# Without its file it would stay, and the host look busy with it until its next boot.
systemctl stop "$boot_unit.timer" 2>/dev/null
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
# What was there before us was put back in their place: it is on its way to the originals again.
for path in $removed; do
  if [ ! -e "$state/originals.known" ] || [ ! -e "$folder/before$path" ] || grep -qxF -- "$path" "$state/originals.known"; then continue; fi
  [ ! -e "$path" ] || cp -an --parents -- "$path" "$state/originals"
  printf '%s\n' "$path" >>"$state/originals.known"
done
# Not taken away where there was one before: the host would be taken for one that never served, and not be drained.
for record in $records; do
  if [ ! -e "$base.records/$record" ]; then
    rm -f -- "$state/units/$record"
    continue
  fi
  # Of what was done to others nothing is undone, and where somebody edited a file the record is not true of what is put back:
  # whatever is wanted next is due.
  case " $units " in *" $record "*) true=yes ;; *) true= ;; esac
  case " $forgotten " in *" $record "*) true= ;; esac
  if [ -n "$true" ]; then cat "$base.records/$record"; else printf 'restart=\nreload=\n'; fi >"$state/record.new"
  sync "$state/record.new" && mv -f -- "$state/record.new" "$state/units/$record"
done
for path; do
  before=$folder/before$path
  if [ -e "$before" ]; then put_back "$before" "$path"
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
