# Takes this host's lock and holds it. The lock is the kernel's, on a descriptor of a shell that waits for our heartbeat.
# When the controller dies its connection ends the shell's stdin; when the whole machine vanishes, two minutes without a
# heartbeat do.
: "${lock:?}" "${former:?}" "${run:?}"
# `first`, or `again` where this run has had it before.
: "${taking:?}"
# What others are told who find it locked: a line of JSON, and a sentence for versions before this one.
: "${holder:?}" "${words:?}"
: "${busy_code:?}" "${step_alive_code:?}" "${passed_on_code:?}"

# The first line on stdout says that it is ours; a refusal goes elsewhere, and leaves the record of who was here last.
refuse() {
  [ -z "$ours" ] || record "$last_run $last_pid" "$last_holder"
  printf '%s\n' "$2" >&2
  exit "$1"
}
record() { printf '%s\n' "$@" >"$lock"; }
ours=
# Whether a process has a file open as its descriptor 9, as a shell that holds a lock of ours has.
holds() { [ "$(readlink "/proc/$1/fd/9")" = "$2" ]; }

# Whoever can open a file can lock it, so it lies in a folder that only root can enter.
umask 077
mkdir -p -- "${lock%/*}" && [ -O "${lock%/*}" ] && chmod 0700 -- "${lock%/*}" || exit 1
exec 9<>"$lock" || exit 1
read_record() { { IFS=' ' read -r last_run last_pid; IFS= read -r last_holder; } <"$lock"; }
# Whoever only looks whether it is free has it for some milliseconds.
if ! flock -w 0.5 9; then
  read_record
  if [ "$last_run" != "$run" ] || ! holds "$last_pid" "$lock"; then refuse "$busy_code" "$last_holder"; fi
  # A shell of ours that has not noticed yet that its connection is cut. It does nothing but hold the lock.
  kill "$last_pid"
  flock -w 10 9 || refuse "$busy_code" "$last_holder"
fi
read_record
# Others have worked here meanwhile: what this run was about to do rests on what it saw before.
if [ "$taking" = again ] && [ -n "$last_run" ] && [ "$last_run" != "$run" ]; then
  refuse "$passed_on_code" "$last_holder"
fi
record "$run $$" "$holder"
ours=yes

# Versions before this one lock a file where any user of the host can, and could keep everybody out. Such a lock counts
# when it is held by what those versions hold it with, a shell of root's, and is taken besides so that they find it held.
# The file becomes root's alone: then nobody else can open it any more.
held_by_earlier_version() {
  holders=$(find /proc/[0-9]*/fd/9 -maxdepth 0 -lname "$former" -uid "$(id -u)" 2>/dev/null)
  for descriptor in $holders; do
    [ "$(readlink "${descriptor%/fd/9}/exe")" != "$(readlink "/proc/$$/exe")" ] || return 0
  done
  return 1
}
is_ours() { [ -f "$former" ] && [ ! -L "$former" ] && [ -O "$former" ]; }
if ! is_ours; then
  if held_by_earlier_version; then refuse "$busy_code" 'a run of an earlier version'; fi
  rm -f -- "$former" 2>/dev/null
  (set -C; : >"$former") 2>/dev/null
fi
if is_ours; then
  chmod 0600 -- "$former"
  exec 8<>"$former" || exit 1
  if flock -n 8; then
    printf '%s\n' "$words" >"$former"
  elif held_by_earlier_version; then
    IFS= read -r other <"$former"
    refuse "$busy_code" "${other:-a run of an earlier version}"
  fi
fi

for unit in $(systemctl list-units --plain --no-legend --state=active,activating,deactivating 'mcp-[0-9]*' | cut -d ' ' -f 1); do
  case $unit in
    "mcp-$run-"*) ;;
    *) refuse "$step_alive_code" "$unit" ;;
  esac
done
# By the host's own account of time, which nobody sets.
heard() { read -r uptime _ </proc/uptime && echo "$uptime" >"$lock.heard"; }
heard
echo locked
while [ "$(timeout 120 head -n 1 8>&- 9>&-)" = alive ]; do heard; done
