# Our policy that lets no maintainer script start a daemon: a link into a directory that a power cycle empties. Whatever
# happens to who put it there, no host is left unable to start its services.
: "${policy:?}" "${target:?}"

# Removes it if it is there and gives back the one that was before.
remove_policy() {
  if [ "$(readlink "$policy")" = "$target" ]; then rm -f "$policy"; fi
  rm -f "$target"
  if [ -e "$policy.before-mcp" ] && [ ! -e "$policy" ]; then mv "$policy.before-mcp" "$policy"; fi
}
