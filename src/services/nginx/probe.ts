import { askForPages } from '../../health/index.ts';
import type { Listener } from '../../model/listener.ts';
import { type Probe, remotePatienceSeconds } from '../../model/probe.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { configFileName, proxyListeners, proxyVips, publishedListeners } from './names.ts';

export const probeName = 'nginx.front';

/**
 * What a client gets through each VIP, and whether this host reaches each server behind it. A host that does not hold
 * the VIP asks over the network like any client. Lines: `page VIP LISTENER STATUS FINGERPRINT END`, `server LISTENER
 * HOST yes|no`. Where nobody has the VIP, no page is asked for: each would wait for seconds.
 */
export function frontProbe(topology: Topology): Probe {
  const listeners = proxyListeners(topology);
  const published = publishedListeners(topology);
  const pages = proxyVips(topology).map((vip) => {
    const asked = [
      ...listeners.map((listener) => askPage(vip, listener)),
      ...(published.length === 0 ? [] : [askApis(vip, published)]),
    ];
    const [first] = listeners;
    return first
      ? `if answers ${vip.address}/${first.port}; then\n${allAtOnce(asked)}\nfi`
      : allAtOnce(asked);
  });
  const servers = listeners.flatMap(({ name, servers }) =>
    servers.map(({ host, address, port }) => ({ place: `${address}/${port}`, words: `${name} ${host}` })),
  );
  return {
    name: probeName,
    deadlineSeconds: 14,
    script: `[ -x /usr/sbin/nginx ] && [ -x /usr/bin/openssl ] || { echo not-installed; exit 0; }
reached=$(timeout ${remotePatienceSeconds} bash -c '
${servers.map(({ place, words }) => `( exec 3<>/dev/tcp/${place} && echo "| ${words} |" ) &`).join('\n')}
wait' 2>/dev/null)
for server in ${servers.map(({ words }) => `'${words}'`).join(' ')}; do
  case $reached in *"| $server |"*) echo "server $server yes" ;; *) echo "server $server no" ;; esac
done
bash <<'PROBE'
${functions}
${pages.join('\n')}
PROBE
`,
  };
}

/** One page that is slow must not take the time of the others. */
const allAtOnce = (asked: readonly string[]): string =>
  [...asked.map((words) => `${words} &`), 'wait'].join('\n');

const askPage = (vip: ResolvedVip, listener: Listener): string =>
  ask(vip, listener, vip.tls ? 'page_tls' : 'page_plain');

/**
 * The certificate is the same on all ports: it is looked at once. For the rest one process asks them all, where each would
 * cost five.
 */
const askApis = (vip: ResolvedVip, listeners: readonly Listener[]): string => {
  const questions = listeners.map((listener) => ({
    name: listener.name,
    listener,
    vip,
    address: vip.address,
  }));
  const tell = `while read -r name status; do echo "page ${vip.name} $name $status"; done`;
  return `${askForPages(configFileName, questions)} | ${tell}`;
};

const ask = (vip: ResolvedVip, { name, port, check }: Listener, how: string): string =>
  [
    how,
    vip.name,
    name,
    vip.tls ? `${vip.address}:${port}` : `${vip.address}/${port}`,
    vip.hostname ?? vip.address,
    check.path,
  ].join(' ');

const functions = `answers() { timeout ${remotePatienceSeconds} bash -c "exec 3<>/dev/tcp/$1" 2>/dev/null; }
request() { printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$2" "$1"; }
answer='HTTP/1.1 ([0-9]+)'
status() { if [[ $said =~ $answer ]]; then echo "\${BASH_REMATCH[1]}"; else echo none; fi; }
page_tls() {
  IFS= read -r -d '' said < <(request "$4" "$5" | timeout 4 openssl s_client -connect "$3" -servername "$4" -ign_eof 2>/dev/null)
  seen=$(openssl x509 -noout -fingerprint -sha256 -enddate <<<"$said" 2>/dev/null)
  fingerprint= end=
  while IFS='=' read -r name value; do
    case $name in *ingerprint) fingerprint=$value ;; notAfter) end=\${value// /_} ;; esac
  done <<<"$seen"
  echo "page $1 $2 $(status) $fingerprint \${end}_"
}
page_plain() {
  IFS= read -r -d '' said < <(timeout 4 bash -c 'exec 3<>/dev/tcp/'"$3"' && cat >&3 && cat <&3' < <(request "$4" "$5") 2>/dev/null)
  echo "page $1 $2 $(status)"
}`;
