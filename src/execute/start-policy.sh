# Our policy that lets no maintainer script start a daemon. It is a program beside Debian's own, since nothing below /run
# can be executed on a real Debian, and a policy that can't be executed is one that allows everything (invoke-rc.d,
# deb-systemd-invoke). It forbids for as long as a mark lies where a power cycle empties the folder. Whatever happens to who
# put it there, no host is left unable to start its services.
: "${policy:?}" "${mark:?}"

# Forbids from now on. Without the mark what the operator had decided holds, as if ours was not there.
place_policy() {
  : >"$mark" || return
  # The one of the operator is in its place until ours is.
  if is_there "$policy"; then ln -fT -- "$policy" "$policy.before-mcp" || return; fi
  cat >"$policy.mcp-new" <<POLICY &&
#!/bin/sh
# Written by mcp while it installs packages, and taken away after: daemons are started by it, not by maintainer scripts.
# What was here before is $policy.before-mcp.
[ ! -e '$mark' ] || exit 101
if [ -x '$policy.before-mcp' ]; then exec '$policy.before-mcp' "\$@"; fi
exit 0
POLICY
    chmod 0755 "$policy.mcp-new" && sync "$policy.mcp-new" && mv -fT -- "$policy.mcp-new" "$policy"
}

# Removes it if it is there and gives back the one that was before.
remove_policy() {
  rm -f -- "$policy.mcp-new"
  if is_our_policy; then
    if is_there "$policy.before-mcp"; then mv -fT -- "$policy.before-mcp" "$policy"; else rm -f -- "$policy"; fi
  elif is_there "$policy"; then
    # Cut off before ours was in its place.
    rm -f -- "$policy.before-mcp"
  elif is_there "$policy.before-mcp"; then
    # Versions before this one moved it aside first.
    mv -fT -- "$policy.before-mcp" "$policy"
  fi
  rm -f -- "$mark"
}

# Versions before this one had a link to a program in the place of the mark.
is_our_policy() {
  [ "$(readlink -- "$policy")" = "$mark" ] || { [ -f "$policy" ] && grep -qsF -- "[ ! -e '$mark' ] || exit 101" "$policy"; }
}
# Where a link leads is the operator's business.
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
