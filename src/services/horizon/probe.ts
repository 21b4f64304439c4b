import type { Probe } from '../../model/probe.ts';
import { files, type HorizonInstance, ownAddress, signInPath } from './names.ts';

export const probeName = 'horizon.page';

/** Asks the dashboard on this host for its sign-in page: `status=200 form=yes milliseconds=35`. */
export const pageProbe = ({ host, settings }: HorizonInstance): Probe => ({
  name: probeName,
  deadlineSeconds: 10,
  script: `[ -r ${files.uwsgi} ] && [ -x /usr/bin/uwsgi ] || { echo not-installed; exit 0; }
timeout 8 bash <<'PROBE'
LC_ALL=C
began=$EPOCHREALTIME
trap 'echo "status=none form=no milliseconds=8000"' TERM
exec 2>/dev/null 3<>/dev/tcp/${ownAddress(host)}/${settings.port} || { echo "status=none form=no milliseconds=0"; exit 0; }
printf 'GET ${signInPath} HTTP/1.0\\r\\nHost: localhost\\r\\nX-Forwarded-Proto: https\\r\\n\\r\\n' >&3
IFS= read -r -d '' page <&3
answer='^HTTP/[0-9.]+ ([0-9]+)'
[[ $page =~ $answer ]] && status=\${BASH_REMATCH[1]}
form=no
[[ $page == *'name="password"'* ]] && form=yes
ended=$EPOCHREALTIME
echo "status=\${status:-none} form=$form milliseconds=$(((\${ended/./} - \${began/./}) / 1000))"
PROBE
exit 0
`,
});
