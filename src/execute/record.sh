# Notes with which fingerprints of its files something was last restarted and reloaded.
: "${state:?}" "${name:?}" "${restart?}" "${reload?}"

mkdir -p -- "$state/units" &&
  printf 'restart=%s\nreload=%s\n' "$restart" "$reload" >"$state/record.new" &&
  sync "$state/record.new" && mv -f -- "$state/record.new" "$state/units/$name" || exit
