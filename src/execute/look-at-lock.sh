# Tells how this host's lock is and which steps of runs live there, a line each, and changes nothing.
: "${lock:?}" "${former:?}"

# The shell of an earlier version has the former lock as its descriptor 9. Other users may lock that file; that says nothing.
earlier_version() {
  [ -O "$former" ] && ! flock -n -s "$former" true && \
    [ -n "$(find /proc/[0-9]*/fd/9 -maxdepth 0 -lname "$former" -uid "$(id -u)" 2>/dev/null)" ]
}
if [ -e "$lock" ] && ! flock -n -s "$lock" true; then
  { IFS=' ' read -r run pid; IFS= read -r holder; } <"$lock"
  if [ "$(readlink "/proc/$pid/fd/9")" = "$lock" ]; then
    echo "held $run"
    printf 'holder %s\n' "$holder"
    read -r heard <"$lock.heard"
    read -r uptime _ </proc/uptime
    echo "silent $((${uptime%.*} - ${heard%.*}))"
  else
    echo stranger
  fi
elif earlier_version; then
  IFS= read -r words <"$former"
  printf 'earlier-version %s\n' "$words"
else
  echo free
fi
systemctl list-units --plain --no-legend --state=active,activating,deactivating 'mcp-[0-9]*' | cut -d ' ' -f 1 | sed 's/^/unit /'
