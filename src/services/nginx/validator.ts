import type { Validator } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { certificateFile, configFileName, keyFile, proxyVips, tlsDirectory } from './names.ts';

/**
 * Nginx's own check of the staged configuration. It would bind every address, and before the first deploy the kernel
 * does not let it bind a VIP that is not here: each VIP is a loopback address for the check.
 */
export function configValidator(topology: Topology): Validator {
  const vips = proxyVips(topology);
  const elsewhere = vips.map(
    ({ address }, index) => `s#listen ${escaped(address)}:#listen 127.81.0.${index + 1}:#;`,
  );
  return {
    name: `nginx -t ${configFileName}`,
    program: '/usr/sbin/nginx',
    files: [
      configFileName,
      ...vips.filter(({ tls }) => tls).flatMap((vip) => [certificateFile(vip), keyFile(vip)]),
    ],
    script: `staged=$(mktemp)
trap 'rm -f "$staged" "$staged.pid"' EXIT
sed "s#${tlsDirectory}/#$TREE${tlsDirectory}/#g; s#^pid .*#pid $staged.pid;#; ${elsewhere.join(' ')}" "$TREE${configFileName}" >"$staged"
said=$(/usr/sbin/nginx -t -q -c "$staged" 2>&1) && exit 0
printf '%s\\n' "$said" | sed "s#$staged#${configFileName}#g; s#$TREE##g" >&2
exit 1
`,
  };
}

const escaped = (text: string): string => text.replaceAll(/[.]/g, '\\$&');
