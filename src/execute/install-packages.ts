import { quote } from '../model/transport.ts';
import type { HostPaths } from './host-paths.ts';

/**
 * Installs packages with no daemon started by their maintainer scripts, no question asked, existing configuration kept
 * and no database made for them. The policy that prevents starts is a link into a directory that a power cycle empties:
 * whatever happens to this script, no host is left unable to start its services. A package whose own script failed among
 * the others gets more chances when all of them are there: Horizon's renders its pages in four threads with a parser that
 * now and then trips over the others (pyScss; three of nine busy hosts met it). Where it fails again, why stands at the end
 * of what was said, and not before the words of all that came after it.
 */
export const installScript = (packages: readonly string[], paths: PolicyPaths): string => `
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l LC_ALL=C.UTF-8
${removePolicy(paths)}
restore() { remove_policy; }
trap restore EXIT
trap 'exit 143' HUP INT TERM
if [ -e "$policy" ] || [ -L "$policy" ]; then mv -f "$policy" "$policy.before-mcp" || exit; fi
printf '#!/bin/sh\\n# Written by mcp: daemons are started by it, not by maintainer scripts.\\nexit 101\\n' >"$target" &&
chmod 0755 "$target" && ln -sfn "$target" "$policy" || exit
if command -v debconf-set-selections >/dev/null; then
  echo 'dbconfig-common dbconfig-common/dbconfig-install boolean false' | debconf-set-selections
fi
# What a run that was killed left half installed. Where that fails, the installation meets it again, and has more tries.
dpkg --configure -a --force-confold --force-confdef || echo 'not all that was half installed could be configured'
# Lists that are here may be enough when the mirror does not answer; the installation decides.
apt-get update -q -o DPkg::Lock::Timeout=300 || echo 'the package lists could not be refreshed'
install() {
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 \\
    -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef \\
    -- ${packages.map(quote).join(' ')}
}
install && exit
failed=$?
for try in 1 2 3; do
  # With nothing half installed it failed earlier (no mirror, no such package), and would fail again.
  [ -n "$(dpkg --audit)" ] || exit $failed
  echo "what could not be configured is tried again, by itself: $try of 3"
  dpkg --configure -a --force-confold --force-confdef && install && exit
  failed=$?
done
exit $failed
`;

type PolicyPaths = Pick<HostPaths, 'startPolicy' | 'volatile'>;

/**
 * Removes our policy if it is there and gives back the one that was before. Also run when a run begins: an earlier one
 * may have been killed.
 */
export const removePolicy = ({ startPolicy, volatile }: PolicyPaths): string => `policy=${quote(startPolicy)}
target=${quote(`${volatile}/mcp-policy-rc.d`)}
remove_policy() {
  if [ "$(readlink "$policy")" = "$target" ]; then rm -f "$policy"; fi
  rm -f "$target"
  if [ -e "$policy.before-mcp" ] && [ ! -e "$policy" ]; then mv "$policy.before-mcp" "$policy"; fi
}
remove_policy`;
