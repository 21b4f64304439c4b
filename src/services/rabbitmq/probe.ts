import type { Host } from '../../model/host.ts';
import { localPatienceSeconds, notInstalled, type Probe } from '../../model/probe.ts';
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
  script: `[ -r ${files.monitorLogin} ] && [ -x /usr/sbin/rabbitmqctl ] || { echo ${notInstalled}; exit 0; }
[ ! -e ${apartMark} ] || echo '== apart'
[ ! -e ${aloneMark} ] || { echo alone; exit 0; }
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
`,
  asks: {
    needs: [{ path: files.monitorLogin }, { path: '/usr/sbin/rabbitmqctl' }],
    exchanges: questions.map(({ path, login }) => ({
      place: { address: clientAddress(host), port: ports.management },
      sends: `GET ${path} HTTP/1.0\r\nHost: ${host.name}\r\nAuthorization: Basic ${login}\r\n\r\n`,
      login: files.monitorLogin,
      reads: 'all',
      seconds: localPatienceSeconds,
    })),
    told: (answers) =>
      questions.map(({ name }, index) => `== ${name}\n${answers[index]?.text ?? ''}\n`).join(''),
  },
});

const notificationQueues = [
  ...['page=1', 'page_size=500', 'use_regex=true', `name=${encodeURIComponent(notificationPattern)}`],
  'columns=vhost,name,type,durable,state,node,policy,messages,slave_nodes,synchronised_slave_nodes,leader,members,online',
];
const questions = [
  {
    name: 'nodes',
    path: '/api/nodes?columns=name,running,partitions,mem_alarm,disk_free_alarm,mem_used',
    login: '{login}',
  },
  { name: 'policies', path: '/api/policies', login: '{login}' },
  { name: 'queues', path: `/api/queues?${notificationQueues.join('&')}`, login: '{login}' },
  { name: 'guest', path: '/api/whoami', login: guestLogin },
];

/** As /proc/net/tcp writes a place on the machines that we run on, which have the least byte first. */
const inKernel = (address: string, port: number): string => {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const bytes = address.split('.').toReversed();
  return `${bytes.map((byte) => hex(Number(byte), 2)).join('')}:${hex(port, 4)}`;
};
