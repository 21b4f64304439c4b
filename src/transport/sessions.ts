import { McpError } from '../model/failure.ts';
import type { Patience } from './patience.ts';
import type { Shell } from './shell.ts';
import { type LoggedIn, logOut } from './ssh-client.ts';
import { type ShellWish, startSshShell } from './ssh-shell.ts';

/** The logins to one host: one, and others where its sshd takes fewer sessions on a connection than are wanted at a time. */
export interface Sessions {
  /** Throws McpError `login-refused` where sshd takes none at all. */
  startShell(wish: Omit<ShellWish, 'patience'>): Promise<Shell>;
  /** Whether the first login still stands. */
  isOpen(): boolean;
  close(): Promise<void>;
}

export interface SessionsWanted {
  readonly host: string;
  readonly first: LoggedIn;
  readonly logInAgain: () => Promise<LoggedIn>;
  readonly patience: Patience;
}

/** Sessions over a login, and over further ones once sshd has refused one more (MaxSessions). */
export function sessionsOver({ host, first, logInAgain, patience }: SessionsWanted): Sessions {
  const main = lineOver(first, Number.POSITIVE_INFINITY);
  const lines = new Set([main]);
  let isClosed = false;
  const free = () => [...lines].find(({ isOpen, inUse, most }) => isOpen && inUse < most);
  /** What was learned of one connection holds for the next. */
  const learned = () => Math.min(...[...lines].map(({ most }) => most).filter((most) => most > 0));
  const another = async () => {
    const line = lineOver(await logInAgain(), learned());
    if (isClosed) line.loggedIn.cut();
    lines.add(line);
    return line;
  };
  // Where the first one is gone, whoever wants a shell is told so.
  const next = async () => (main.isOpen ? (free() ?? (await another())) : main);
  return {
    isOpen: () => main.isOpen,
    async startShell(wish) {
      for (;;) {
        const line = await next();
        const shell = await startOn(line, { ...wish, patience });
        if (shell !== undefined) return shell;
        if (isUseless(line)) throw noSessions(host);
        line.most = line.inUse;
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(
        [...lines].filter(({ isOpen }) => isOpen).map((line) => logOut(line.loggedIn, patience)),
      );
    },
  };
}

interface Line {
  readonly loggedIn: LoggedIn;
  isOpen: boolean;
  inUse: number;
  /** Sessions that its sshd takes at a time, as far as that is known. */
  most: number;
  hasServed: boolean;
}

function lineOver(loggedIn: LoggedIn, most: number): Line {
  const line: Line = { loggedIn, isOpen: true, inUse: 0, most, hasServed: false };
  const { client, cut } = loggedIn;
  client.on('close', () => {
    line.isOpen = false;
  });
  // Whatever was running on it reports the loss itself.
  client.on('error', cut);
  return line;
}

/** Undefined where sshd takes no further session on this one. */
async function startOn(line: Line, wish: ShellWish): Promise<Shell | undefined> {
  line.inUse += 1;
  const end = () => {
    line.inUse -= 1;
  };
  try {
    const shell = await startSshShell(line.loggedIn.client, wish);
    if (shell === 'refused') {
      end();
      return undefined;
    }
    line.hasServed = true;
    shell.ended.then(end, end);
    return shell;
  } catch (failure) {
    end();
    throw failure;
  }
}

/** Sessions that others end at this moment make sshd refuse one, too. */
const isUseless = ({ hasServed, inUse }: Line): boolean => !hasServed && inUse === 0;

const noSessions = (host: string): McpError =>
  new McpError('login-refused', `${host}: sshd lets us log in and takes no session: nothing was run`, {
    host,
    hint: 'set MaxSessions in sshd_config there to 10, its default (1 is the least that works), and reload ssh',
  });
