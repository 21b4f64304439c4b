import { secretsOf } from './hosts.ts';
import type { LabOf } from './mcp.ts';

/** Runs one command of the `openstack` client and returns what it printed; throws when it fails. */
export type OpenstackClient = (words: string) => Promise<string>;

/** The administrator's client on a host, through the public VIP, TLS verified against the cloud's authority. */
export async function asAdministrator(lab: LabOf, host: string): Promise<OpenstackClient> {
  const password = (await secretsOf('lab.secrets.yaml'))['keystone.admin'];
  const clouds = JSON.stringify({
    clouds: {
      lab: {
        auth: {
          auth_url: 'https://cloud.lab:5000/v3',
          username: 'admin',
          password,
          project_name: 'admin',
          user_domain_name: 'Default',
          project_domain_name: 'Default',
        },
        region_name: 'RegionOne',
        interface: 'public',
        cacert: '/etc/ssl/certs/ca-certificates.crt',
      },
    },
  });
  await lab.on(host, `umask 077; mkdir -p /etc/openstack; echo '${clouds}' >/etc/openstack/clouds.yaml`);
  return (words) => lab.on(host, `openstack --os-cloud lab ${words}`);
}
