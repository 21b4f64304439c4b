# Starts a step as a unit of its own unless it was started before, waits until it has left its exit code, and prints what
# it said: the same program for the first attempt and for every return. On stdin comes the step itself.
: "${folder:?}" "${id:?}" "${title:?}" "${unit:?}" "${seconds:?}"
# Exit codes that are ours, and no step's.
: "${not_started_code:?}" "${cut_off_code:?}"

base=$folder/steps/$id
umask 077
mkdir -p -- "$folder/steps" || exit
if [ ! -e "$base.sh" ]; then
  cat >"$base.sh.new" && mv "$base.sh.new" "$base.sh" || exit
  printf '%s started %s %s\n' "$(date +%FT%T.%3N)" "$id" "$title" >>"$folder/journal"
  # It holds the lock for as long as it is there, whatever ends it; what the step leaves running does not.
  # No braces around its variables: systemd would take them for its own.
  # shellcheck disable=SC2016 # that shell's
  systemd-run --quiet --collect --unit="$unit" --description="mcp: $title" --property=RuntimeMaxSec="$seconds" \
    --setenv=HOME=/root --setenv=LC_ALL=C.UTF-8 --working-directory=/ sh -c '
      exec 9>"$1.lock"; flock 9
      sh "$1.sh" >"$1.out" 2>&1 </dev/null 9>&-; code=$?
      echo "$(date +%FT%T.%3N) ended $code $2" >>"$3"
      echo $code >"$1.code.new"; mv "$1.code.new" "$1.code"
    ' step "$base" "$id" "$folder/journal" || { rm -f "$base.sh"; exit "$not_started_code"; }
fi
# Who polled would start twenty processes a second on each host that has something to do.
while [ ! -e "$base.code" ]; do
  if [ -e "$base.lock" ]; then
    exec 8<"$base.lock"
    flock --shared 8
    exec 8<&-
  fi
  [ ! -e "$base.code" ] || break
  # The lock was taken by nobody yet, or is not any more.
  if ! systemctl is-active --quiet "$unit"; then
    [ -e "$base.code" ] || { tail -c 4000 "$base.out" 2>/dev/null; exit "$cut_off_code"; }
  fi
  sleep 0.05
done
tail -c 16000 "$base.out"
read -r result <"$base.code"
exit "$result"
