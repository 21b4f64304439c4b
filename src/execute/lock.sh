# Takes this host's lock and holds it. The lock is the kernel's, on a descriptor of a shell that waits for our heartbeat.
# When the controller dies its connection ends the shell's stdin; when the whole machine vanishes, two minutes without a
# heartbeat do.
: "${lock:?}" "${run:?}"
# What others are told who find it locked.
: "${holder:?}"
: "${busy_code:?}" "${step_alive_code:?}"

exec 9<>"$lock" || exit 1
if ! flock -n 9; then
  IFS= read -r other <"$lock"
  echo "locked by ${other:-another run}" >&2
  exit "$busy_code"
fi
# The first line on stdout says that it is ours; a refusal has to go elsewhere.
for unit in $(systemctl list-units --plain --no-legend --state=active,activating,deactivating 'mcp-[0-9]*' | cut -d ' ' -f 1); do
  case $unit in
    "mcp-$run-"*) ;;
    *) echo "still busy with $unit, a step of an earlier run" >&2; exit "$step_alive_code" ;;
  esac
done
printf '%s\n' "$holder" >"$lock"
echo locked
while [ "$(timeout 120 head -n 1 9>&-)" = alive ]; do :; done
