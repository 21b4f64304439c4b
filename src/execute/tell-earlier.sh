# Tells what this host had before the first of these runs, for every path that they have changed: the words are their names,
# the earliest first. The first of them that knows a path decides about it.
: "${state:?}" "${most_bytes:?}" "${too_much_code:?}"

cd "$state/runs" || exit
decided=' '
room=$most_bytes
# Whether it is ours to bring back as it was then; whatever else was there comes back by itself once ours is taken away.
was_ours() { grep -qxF -- "$path" "$run/ours"; }
for run; do
  [ -d "$run" ] || continue
  while read -r path; do
    case "$path$decided" in /*" $path "*) continue ;; /*) ;; *) continue ;; esac
    decided="$decided$path "
    if [ -e "$path" ]; then echo "created there $path"; else echo "created gone $path"; fi
  done <<ABSENT
$(cat "$run/absent" 2>/dev/null)
ABSENT
  while read -r path; do
    path=${path#.}
    case "$path$decided" in /*" $path "*) continue ;; /*) ;; *) continue ;; esac
    decided="$decided$path "
    before=$run/before$path
    live=other
    if [ ! -e "$path" ]; then live=gone; elif cmp -s "$before" "$path"; then live=same; fi
    if ! was_ours; then
      [ "$live" != other ] || live=there
      echo "theirs $live $path"
      continue
    fi
    room=$((room - $(stat -c %s "$before")))
    [ "$room" -ge 0 ] || exit "$too_much_code"
    echo "ours $live $(stat -c '%a %U %G' "$before") $path"
    printf 'content '; base64 -w 0 "$before"; echo
  done <<BEFORE
$([ ! -d "$run/before" ] || (cd "$run/before" && find . ! -type d))
BEFORE
done
echo end
