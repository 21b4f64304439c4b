import type { Host } from '../../model/host.ts';
import type { Probe } from '../../model/probe.ts';
import { aloneMark, apartMark, clientAddress, files, ports } from './names.ts';
import { notificationPattern } from './policies.ts';

export const probeName = 'rabbitmq.view';

/** `guest:guest`, which RabbitMQ ships. */
const guestLogin = 'Z3Vlc3Q6Z3Vlc3Q=';

/**
 * What this member's management API says of the cluster. It answers in milliseconds, where `rabbitmqctl` costs a
 * second of Erlang. Each reply follows a line `== NAME`; a member that is down has none.
 * Before them stands at which ports for clients it listens, as the kernel has it: what listens comes first in its list.
 * `== apart` has no reply: it stands apart from the others. One that keeps its clients out counts as down, whatever it says.
 */
export const probeOn = (host: Host): Probe => ({
  name: probeName,
  deadlineSeconds: 8,
  script: `[ -r ${files.monitorLogin} ] && [ -x /usr/sbin/rabbitmqctl ] || { echo not-installed; exit 0; }
[ ! -e ${apartMark} ] || echo '== apart'
[ ! -e ${aloneMark} ] || exit 0
bash <<'PROBE'
login=
while IFS= read -r line; do case $line in '#'*) ;; *) login=$line ;; esac; done <${files.monitorLogin}
login=$(printf %s "$login" | base64 -w 0)
ask() {
  exec 3<>/dev/tcp/${clientAddress(host)}/${ports.management} || return 0
  printf 'GET %s HTTP/1.0\\r\\nHost: ${host.name}\\r\\nAuthorization: Basic %s\\r\\n\\r\\n' "$2" "$3" >&3
  echo "== $1"
  # What bash reads itself costs no process; nothing in a reply is NUL, so this ends with the connection.
  IFS= read -r -d '' reply <&3
  printf '%s\\n' "$reply"
  exec 3>&-
} 2>/dev/null
listens=
while read -r _ local _ state _; do
  case $state:$local in
    0A:${inKernel(clientAddress(host), ports.amqp)}) listens="$listens ${ports.amqp}" ;;
    0A:${inKernel(clientAddress(host), ports.amqps)}) listens="$listens ${ports.amqps}" ;;
    0A:* | st:*) ;;
    *) break ;;
  esac
done </proc/net/tcp
echo "listens$listens"
ask nodes '/api/nodes?columns=name,running,partitions,mem_alarm,disk_free_alarm,mem_used' "$login"
ask policies /api/policies "$login"
ask queues '/api/queues?page=1&page_size=500&use_regex=true&name=${encodeURIComponent(notificationPattern)}&columns=vhost,name,type,durable,state,node,policy,messages,slave_nodes,synchronised_slave_nodes,leader,members,online' "$login"
ask guest /api/whoami ${guestLogin}
PROBE
`,
});

/** As /proc/net/tcp writes a place on the machines that we run on, which have the least byte first. */
const inKernel = (address: string, port: number): string => {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const bytes = address.split('.').toReversed();
  return `${bytes.map((byte) => hex(Number(byte), 2)).join('')}:${hex(port, 4)}`;
};
