import type { Probe } from '../../model/probe.ts';
import { files, type HorizonInstance, ownAddress, signInPath } from './names.ts';

export const probeName = 'horizon.page';

/** Asks the dashboard on this host for its sign-in page: `status=200 form=yes milliseconds=35`. */
export const pageProbe = ({ host, settings }: HorizonInstance): Probe => ({
  name: probeName,
  deadlineSeconds: 10,
  script: `[ -r ${files.uwsgi} ] && [ -x /usr/bin/uwsgi ] || { echo not-installed; exit 0; }
bash <<'PROBE'
began=$(date +%s%3N)
page=$(timeout 8 bash -c 'exec 3<>/dev/tcp/${ownAddress(host)}/${settings.port} || exit
  printf "GET ${signInPath} HTTP/1.0\\r\\nHost: localhost\\r\\nX-Forwarded-Proto: https\\r\\n\\r\\n" >&3
  cat <&3' 2>/dev/null | tr -d '\\0')
status=$(head -n 1 <<<"$page" | cut -d ' ' -f 2)
form=no
[[ $page == *'name="password"'* ]] && form=yes
echo "status=\${status:-none} form=$form milliseconds=$(($(date +%s%3N) - began))"
PROBE
`,
});
