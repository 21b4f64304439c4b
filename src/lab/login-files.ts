import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quote } from '../model/transport.ts';
import { run } from './command.ts';
import type { LabHost, LabLogin } from './description.ts';
import type { HostFile } from './host-file.ts';

/** Who is known on a host, as its image has it and with whoever of the inventory logs in. */
export interface Accounts {
  readonly passwd: string;
  readonly group: string;
  readonly shadow: string;
}

export async function accountsIn(imageRoot: string): Promise<Accounts> {
  const read = (name: string) => readFile(join(imageRoot, 'etc', name), 'utf8');
  const [passwd, group, shadow] = await Promise.all(['passwd', 'group', 'shadow'].map(read));
  return { passwd: passwd ?? '', group: group ?? '', shadow: shadow ?? '' };
}

/** As /etc/shadow has it. */
export const hashOf = async ({ password }: LabLogin): Promise<string> =>
  (await run(['openssl', 'passwd', '-6', '-stdin'], { input: `${password}\n` })).trim();

export interface LoginMeans {
  readonly accounts: Accounts;
  /** Public key that lets in. */
  readonly authorized: string;
  /** Of the login's password; empty where nobody but root logs in. */
  readonly hash: string;
}

/** What makes whoever the inventory logs in as a user of the host, with the shell and the habits of this one. */
export function loginFiles(host: LabHost, { accounts, authorized, hash }: LoginMeans): readonly HostFile[] {
  const { login, habits = {} } = host;
  const shell = habits.shell === 'fish' ? '/usr/bin/fish' : '/bin/bash';
  if (login === undefined) {
    const passwd = accounts.passwd.replace(/^(root:.*:)[^:]*$/m, `$1${shell}`);
    return [
      ...(passwd === accounts.passwd ? [] : [{ path: '/etc/passwd', content: passwd, mode: 0o644 }]),
      ...shellFiles('/root', host),
    ];
  }
  const { user, sudo } = login;
  const home = `/home/${user}`;
  const own = (file: HostFile): HostFile => ({ ...file, owner: userId });
  return [
    {
      path: '/etc/passwd',
      content: `${accounts.passwd}${user}:x:${userId}:${userId}::${home}:${shell}\n`,
      mode: 0o644,
    },
    { path: '/etc/group', content: `${accounts.group}${user}:x:${userId}:\n`, mode: 0o644 },
    { path: '/etc/shadow', content: `${accounts.shadow}${user}:${hash}:19700:0:99999:7:::\n`, mode: 0o640 },
    own({ path: `${home}/.ssh/authorized_keys`, content: authorized, mode: 0o600 }),
    ...shellFiles(home, host).map(own),
    ...(sudo === 'none'
      ? []
      : [
          {
            path: '/etc/sudoers.d/lab',
            content: `${user} ALL=(ALL:ALL) ${sudo === 'passwordless' ? 'NOPASSWD: ' : ''}ALL\n`,
            mode: 0o440,
          },
        ]),
  ];
}

/** Debian's first user. */
const userId = 1000;

/** What the login shell reads each time that it is started, also for a single command. */
function shellFiles(home: string, { habits = {} }: LabHost): readonly HostFile[] {
  const { shell, umask, greeting } = habits;
  const lines = [
    ...(umask === undefined ? [] : [`umask ${umask}`]),
    ...(greeting === undefined ? [] : [`echo ${quote(greeting)}`]),
  ];
  if (lines.length === 0) return [];
  const path = shell === 'fish' ? `${home}/.config/fish/config.fish` : `${home}/.bashrc`;
  return [{ path, content: `${lines.join('\n')}\n`, mode: 0o644 }];
}
