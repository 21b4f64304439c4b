import type { Validator } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { type Balancer, configOf } from './balancers.ts';
import { certificateOf, certificatesDirectory, vipsOf } from './listeners.ts';

/** HAProxy's own check of one configuration, with the certificates of the staged tree. */
export const configValidator = (balancer: Balancer, topology: Topology): Validator => {
  const config = configOf(balancer);
  const certificates = vipsOf(balancer, topology).filter(({ tls }) => tls);
  return {
    name: `haproxy -c ${config}`,
    program: '/usr/sbin/haproxy',
    files: [config, ...certificates.map(certificateOf)],
    script: scriptFor(config),
  };
};

const scriptFor = (config: string): string => `staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
sed "s#${certificatesDirectory}/#$TREE${certificatesDirectory}/#g" "$TREE${config}" >"$staged/config"
/usr/sbin/haproxy -c -f "$staged/config" >"$staged/said" 2>&1
result=$?
sed "s#$staged/config#${config}#g; s#$TREE##g" "$staged/said" >&2
exit $result
`;
