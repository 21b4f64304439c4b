# Sees that those do not run that are to be gone on without. Words: their addresses.
set -eu
: "${group_port:?}"

for other; do
  if timeout 2 bash -c "exec 3<>/dev/tcp/$other/$group_port" 2>/dev/null; then
    echo "a member runs at $other: wait for it, or stop it" >&2
    exit 1
  fi
done
