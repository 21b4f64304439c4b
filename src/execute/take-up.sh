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
  # No braces around its variables: systemd would take them for its own.
  # shellcheck disable=SC2016 # that shell's
  systemd-run --quiet --collect --unit="$unit" --property=RuntimeMaxSec="$seconds" \
    --setenv=HOME=/root --setenv=LC_ALL=C.UTF-8 --working-directory=/ sh -c '
      sh "$1.sh" >"$1.out" 2>&1 </dev/null; code=$?
      echo "$(date +%FT%T.%3N) ended $code $2" >>"$3"
      echo $code >"$1.code.new"; mv "$1.code.new" "$1.code"
    ' step "$base" "$id" "$folder/journal" || { rm -f "$base.sh"; exit "$not_started_code"; }
fi
while [ ! -e "$base.code" ]; do
  if ! systemctl is-active --quiet "$unit"; then
    sleep 0.3
    [ -e "$base.code" ] || { tail -c 4000 "$base.out" 2>/dev/null; exit "$cut_off_code"; }
  fi
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$base.code" ] || sleep 0.05; done
done
tail -c 16000 "$base.out"
read -r result <"$base.code"
exit "$result"
