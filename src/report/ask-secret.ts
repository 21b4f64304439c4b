import { McpError } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';

interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Asks for a password that is not shown while it is typed. Throws McpError where nobody can be asked, and on Ctrl-C. */
export async function askSecret(question: string, { stdin, stderr }: Terminal): Promise<Secret> {
  if (stdin.isTTY !== true) throw nobodyToAsk();
  // The terminal stops echoing before anyone can answer.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.setEncoding('utf8');
  try {
    const line = await hiddenLine(stdin);
    if (line === undefined) throw new McpError('interrupted', 'no password was given');
    return new Secret(line);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** Undefined: given up, or the terminal went away. */
function hiddenLine(stdin: NodeJS.ReadStream): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed = '';
    const end = (line: string | undefined) => {
      stdin.off('data', listen);
      resolve(line);
    };
    const listen = (text: string) => {
      typed += text;
      if (givingUp.some((key) => typed.includes(key))) end(undefined);
      else if (/[\r\n]/.test(typed)) end(erased(typed.replace(/[\r\n].*$/s, '')));
    };
    stdin.on('data', listen);
    stdin.once('end', () => end(undefined));
    stdin.resume();
  });
}

/** Ctrl-C and Ctrl-D. */
const givingUp = ['\u0003', '\u0004'];

/** What is left when each backspace has taken away the character before it. */
const erased = (typed: string): string =>
  [...typed].reduce((kept, key) => (key === '\u007f' || key === '\b' ? kept.slice(0, -1) : kept + key), '');

const nobodyToAsk = (): McpError =>
  new McpError('sudo-refused', 'sudo wants a password, and there is no terminal to ask for it', {
    hint: 'run it on a terminal, or give the user a NOPASSWD rule and set ssh.sudo to passwordless',
  });
