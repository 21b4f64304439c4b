import { type Asking, localPatienceSeconds, type Probe, remotePatienceSeconds } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import {
  adminSocket,
  backend,
  databaseVip,
  dataDirectory,
  maintenanceMark,
  probeFile,
  serverSocket,
  statusProbe,
} from './layout.ts';

/**
 * Asks a host for its member, for what its HAProxy thinks of all members, and who answers through the VIP.
 * Every question has its own time limit, so that a server that hangs can't hold up the observation of its host.
 */
export function galeraProbe(topology: Topology): Probe {
  const script = [aboutMember, aboutVip(databaseVip(topology)?.address)].join('\n');
  const socket = adminSocket(topology);
  return {
    ...{ name: statusProbe, script, deadlineSeconds: 16 },
    ...(socket === undefined ? {} : { asks: aboutBalancer(socket) }),
  };
}

const statusNames = [
  'wsrep_cluster_conf_id',
  'wsrep_cluster_size',
  'wsrep_cluster_state_uuid',
  'wsrep_cluster_status',
  'wsrep_connected',
  'wsrep_last_committed',
  'wsrep_local_recv_queue',
  'wsrep_local_state',
  'wsrep_local_state_comment',
  'wsrep_ready',
];
const variableNames = ['read_only', 'wsrep_desync', 'wsrep_reject_queries'];

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** With whom the server speaks TLS as it runs: the options of the group's library are one long line, of which two count. */
const providerOption = (name: string): string =>
  `SUBSTRING_INDEX(REGEXP_SUBSTR(@@wsrep_provider_options, '${name.replace('.', '[.]')} = [A-Za-z]+'), ' ', -1)`;
const encryption = `SELECT 'tls.certificate', @@ssl_cert UNION SELECT 'tls.required', @@require_secure_transport
      UNION SELECT 'tls.group', ${providerOption('socket.ssl')} UNION SELECT 'tls.either', ${providerOption('socket.dynamic')};`;

const aboutMember = `if [ ! -x /usr/sbin/mariadbd ]; then
  echo installed=no
  exit 0
fi
echo installed=yes
if [ -f ${dataDirectory}/grastate.dat ]; then
  while IFS=': ' read -r name value; do
    case $name in uuid | seqno | safe_to_bootstrap) echo "grastate.$name=$value" ;; esac
  done <${dataDirectory}/grastate.dat
fi
if [ -f ${dataDirectory}/gvwstate.dat ]; then
  view=
  while read -r name value _; do
    case $name in my_uuid:) echo "gvwstate.own=$value" ;; member:) view="$view $value" ;; esac
  done <${dataDirectory}/gvwstate.dat
  echo "gvwstate.members=$view"
fi
if [ -e ${dataDirectory}/sst_in_progress ]; then echo copying=yes; fi
if [ -e ${maintenanceMark} ]; then echo maintenance=yes; fi
set -- $(stat -f -c '%a %S' ${dataDirectory} 2>/dev/null)
[ $# != 2 ] || echo "free=$(($1 * $2))"
if reply=$(timeout -k 1 ${localPatienceSeconds} mariadb --no-defaults --socket=${serverSocket} -N -B -e "
    SHOW GLOBAL STATUS WHERE Variable_name IN (${listed(statusNames)});
    SHOW GLOBAL VARIABLES WHERE Variable_name IN (${listed(variableNames)});
    ${encryption}" 2>/dev/null); then
  echo answers=yes
  while read -r name value; do echo "$name=$value"; done <<REPLY
$reply
REPLY
else
  echo answers=no
fi`;

/** Its statistics and its table of who is the writer, a blank line after each; without HAProxy there is nothing to tell. */
const aboutBalancer = (socket: string): Asking => ({
  needs: [],
  exchanges: [
    {
      place: { socket },
      sends: `show stat ${backend} 4 -1;show table ${backend}\n`,
      reads: 'all',
      seconds: localPatienceSeconds,
    },
  ],
  told: ([answer]) =>
    ['stat', 'table']
      .flatMap((part, index) =>
        linesOf(answer?.text?.split('\n\n')[index] ?? '').map((line) => `balancer.${part} ${line}\n`),
      )
      .join(''),
});

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

function aboutVip(address: string | undefined): string {
  if (address === undefined) return '';
  return `if [ -r ${probeFile} ]; then
  answer=$(timeout -k 1 ${remotePatienceSeconds} mariadb --defaults-file=${probeFile} --host=${quote(address)} -N -B \\
    -e 'SELECT @@wsrep_node_name' 2>/dev/null) && echo "vip=$answer"
fi
exit 0`;
}
