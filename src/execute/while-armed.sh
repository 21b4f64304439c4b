# Before a step of a guarded change: not after its undoing, and not beside it.
: "${base:?}"

exec 8<"$base.lock" && flock -s 8 || exit
if [ -e "$base.done" ]; then
  echo "this host has put its old files back meanwhile" >&2
  exit 1
fi
: >"$base.begun" && sync "$base.begun" || exit
