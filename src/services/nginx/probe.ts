import type { Listener } from '../../model/listener.ts';
import type { Probe } from '../../model/probe.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { proxyListeners, proxyVips } from './names.ts';

export const probeName = 'nginx.front';

/**
 * What a client gets through each VIP, and whether this host reaches each server behind it. A host that does not hold
 * the VIP asks over the network like any client. Lines: `page VIP LISTENER STATUS FINGERPRINT END`, `server LISTENER
 * HOST yes|no`.
 */
export function frontProbe(topology: Topology): Probe {
  const listeners = proxyListeners(topology);
  const pages = listeners.flatMap((listener) => proxyVips(topology).map((vip) => askPage(vip, listener)));
  const servers = listeners.flatMap(({ name, servers }) =>
    servers.map(({ host, address, port }) => `reaches ${name} ${host} ${address} ${port}`),
  );
  return {
    name: probeName,
    deadlineSeconds: 10,
    script: `[ -x /usr/sbin/nginx ] && [ -x /usr/bin/openssl ] || { echo not-installed; exit 0; }
bash <<'PROBE'
${functions}
${[...servers, ...pages].join('\n')}
PROBE
`,
  };
}

const askPage = (vip: ResolvedVip, { name, port, check }: Listener): string =>
  [
    vip.tls ? 'page_tls' : 'page_plain',
    vip.name,
    name,
    vip.tls ? `${vip.address}:${port}` : `${vip.address}/${port}`,
    vip.hostname ?? vip.address,
    check.path,
  ].join(' ');

const functions = `reaches() {
  if timeout 1 bash -c "exec 3<>/dev/tcp/$3/$4" 2>/dev/null; then echo "server $1 $2 yes"; else echo "server $1 $2 no"; fi
}
request() { printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$2" "$1"; }
status() { grep -a -o -m 1 'HTTP/1.1 [0-9]*' | cut -d ' ' -f 2; }
page_tls() {
  said=$(request "$4" "$5" | timeout 4 openssl s_client -connect "$3" -servername "$4" -ign_eof 2>/dev/null | tr -d '\\0')
  seen=$(openssl x509 -noout -fingerprint -sha256 -enddate <<<"$said" 2>/dev/null | cut -d = -f 2 | tr '\\n ' ' _')
  echo "page $1 $2 $(status <<<"$said" | grep . || echo none) $seen"
}
page_plain() {
  said=$(timeout 4 bash -c 'exec 3<>/dev/tcp/'"$3"' && cat >&3 && cat <&3' < <(request "$4" "$5") 2>/dev/null | tr -d '\\0')
  echo "page $1 $2 $(status <<<"$said" | grep . || echo none)"
}`;
