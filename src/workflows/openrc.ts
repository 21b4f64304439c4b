import { join, resolve } from 'node:path';
import { makeOwnedDirectory, readIfThere, writeOwned } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { administratorProject, defaultDomain } from '../model/identity.ts';
import { secretOf } from '../model/secret.ts';
import type { Topology } from '../model/topology.ts';
import { identityUrl } from '../resources/openstack/index.ts';

/** The files that let a client in, by name; all of them are for their owner's eyes only. */
export interface ClientFiles {
  readonly directory: string;
  readonly files: readonly string[];
}

/**
 * Writes `clouds.yaml`, `openrc.sh` and the authority's certificate for the cloud's administrator, 0600. Throws McpError
 * `not-confirmed` for a file that is there and was not written by this program.
 */
export async function writeClientFiles(topology: Topology, out: string): Promise<ClientFiles> {
  const administrator = topology.identities.find(({ kind }) => kind === 'administrator');
  if (!administrator) {
    throw new McpError('invalid-inventory', 'no service of this cloud has an administrator', {
      hint: 'give machines the role control',
    });
  }
  const directory = resolve(out);
  const password = secretOf(topology.secrets, administrator.secret).reveal();
  const { authority } = topology.certificates;
  const login: Login = {
    cloud: topology.cloud,
    region: topology.region,
    user: administrator.user,
    password,
    publicUrl: identityUrl('public', topology),
    internalUrl: identityUrl('internal', topology),
    authority: authority === undefined ? undefined : join(directory, authorityFile),
  };
  const files = new Map([
    ['clouds.yaml', cloudsYaml(login)],
    ['openrc.sh', openrc(login)],
    ...(authority === undefined ? [] : [[authorityFile, authority] as const]),
  ]);
  await makeOwnedDirectory(directory, 0o700);
  for (const name of files.keys()) await refuseForeign(join(directory, name), files.get(name) ?? '');
  for (const [name, text] of files) await writeOwned(join(directory, name), text, 0o600);
  return { directory, files: [...files.keys()] };
}

const authorityFile = 'ca.crt';
const mark = '# Written by `mcp openrc`.';

/** A file of the same name that somebody else wrote stays. */
async function refuseForeign(path: string, text: string): Promise<void> {
  const there = await readIfThere(path);
  if (there === undefined || there === text || there.startsWith(mark)) return;
  throw new McpError('not-confirmed', `${path} is there and was not written by mcp openrc`, {
    hint: 'name another folder with --out, or move that file away',
  });
}

interface Login {
  readonly cloud: string;
  readonly region: string;
  readonly user: string;
  readonly password: string;
  readonly publicUrl: string;
  readonly internalUrl: string;
  /** Absolute, since clients read it from wherever they are started; undefined: the system's authorities. */
  readonly authority: string | undefined;
}

function cloudsYaml(login: Login): string {
  const entry = (name: string, side: 'public' | 'internal', url: string): string => `  ${name}:
    auth:
      auth_url: '${url}'
      username: '${login.user}'
      password: '${login.password}'
      project_name: '${administratorProject}'
      user_domain_name: '${defaultDomain}'
      project_domain_name: '${defaultDomain}'
    region_name: '${login.region}'
    interface: ${side}
    identity_api_version: 3
${login.authority === undefined ? '' : `    cacert: '${login.authority}'\n`}`;
  return `${mark} It holds a password.
# openstack --os-cloud ${login.cloud} token issue
clouds:
${entry(login.cloud, 'public', login.publicUrl)}  # Through the control VIP, for whoever is inside.
${entry(`${login.cloud}-internal`, 'internal', login.internalUrl)}`;
}

const openrc = (login: Login): string => `${mark} It holds a password.
# . openrc.sh && openstack token issue
export OS_AUTH_URL='${login.publicUrl}'
export OS_USERNAME='${login.user}'
export OS_PASSWORD='${login.password}'
export OS_PROJECT_NAME='${administratorProject}'
export OS_USER_DOMAIN_NAME='${defaultDomain}'
export OS_PROJECT_DOMAIN_NAME='${defaultDomain}'
export OS_REGION_NAME='${login.region}'
export OS_INTERFACE='public'
export OS_IDENTITY_API_VERSION='3'
${login.authority === undefined ? '' : `export OS_CACERT='${login.authority}'\n`}`;
