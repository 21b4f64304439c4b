import { Command } from 'commander';
import { McpError } from '../../model/failure.ts';
import type { Output } from '../../report/index.ts';
import {
  type Answers,
  type Initiated,
  initInventory,
  isOptional,
  mistakeIn,
  type Question,
  refuseOverwriting,
} from '../../workflows/init.ts';

/** `mcp init`: an inventory to begin with, from answers on a terminal, or from flags alone. */
export function initCommand(output: Output): Command {
  const command = new Command('init')
    .description('write an inventory for machines of your own to begin with; asks for what no flag says')
    .argument('[dir]', 'folder to write to', '.');
  for (const { flag, what } of questions) command.option(flag, what);
  return command.action(async (folder: string, flags: Answers) => {
    await refuseOverwriting(folder);
    const answers = output.interactive ? await askedFor(flags, output) : flags;
    refuseMissing(answers);
    output.print(whatNow(await initInventory(folder, answers), folder));
  });
}

interface Asked {
  readonly question: Question;
  readonly flag: string;
  readonly what: string;
  /** What nobody is asked for, since few need it: it has a flag, and a line in the inventory. */
  readonly isQuiet?: true;
}

const questions: readonly Asked[] = [
  {
    question: 'machines',
    flag: '--machines <count>',
    what: '3: each carries every role; 5: two of them proxies; 11: three machines carry eleven virtual ones',
  },
  { question: 'cloud', flag: '--cloud <name>', what: 'name of the cloud' },
  {
    question: 'domain',
    flag: '--domain <name>',
    what: 'what users call it, such as cloud.example.org; internal.DOMAIN is its name for services',
  },
  {
    question: 'management',
    flag: '--management <network:interface>',
    what: 'network of ssh and of all that has none of its own, such as 10.20.0.0/24:bond0',
  },
  {
    question: 'public',
    flag: '--public <network:interface>',
    what: 'network of users, where it is another one',
  },
  {
    question: 'internal',
    flag: '--internal <network:interface>',
    what: 'network of the APIs, where it is another one',
  },
  {
    question: 'replication',
    flag: '--replication <network:interface>',
    what: 'network of the database and the broker, where it is another one',
  },
  {
    question: 'user',
    flag: '--user <name>',
    what: 'who logs in to the hosts; by default root',
    isQuiet: true,
  },
];

/** Asks for what the flags leave open, each until the answer is good. Throws McpError `interrupted` on Ctrl-C. */
async function askedFor(flags: Answers, output: Output): Promise<Answers> {
  const answers: Partial<Record<Question, string>> = {};
  for (const { question, what, isQuiet } of questions) {
    const answer = flags[question] ?? (isQuiet ? undefined : await answerTo(question, what, output));
    if (answer !== undefined) answers[question] = answer;
  }
  return answers;
}

async function answerTo(question: Question, what: string, output: Output): Promise<string | undefined> {
  const asks = `${question} (${what}${isOptional(question) ? '; Enter for none' : ''}):`;
  for (;;) {
    const typed = await output.ask(asks);
    if (typed === undefined) {
      throw new McpError('interrupted', 'given up: nothing was written');
    }
    const answer = typed === '' ? undefined : typed;
    const mistake = mistakeIn(question, answer);
    if (mistake === undefined) return answer;
    output.complain(typed === '' ? '  this one is needed' : `  ${typed}: ${mistake}`);
  }
}

/** Throws McpError `invalid-arguments` with everything that was neither said nor asked for. */
function refuseMissing(answers: Answers): void {
  const missing = questions.filter(
    ({ question }) => answers[question] === undefined && !isOptional(question),
  );
  if (missing.length === 0) return;
  throw new McpError(
    'invalid-arguments',
    `nobody can be asked here: ${missing.map(({ flag }) => flag).join(', ')} ${missing.length === 1 ? 'is' : 'are'} needed`,
    { hint: `as in \`mcp init ${example}\`` },
  );
}

const example = '--machines 3 --cloud blue --domain cloud.example.org --management 10.20.0.0/24:bond0';

function whatNow({ inventory, files }: Initiated, folder: string): string {
  const width = Math.max(...files.map(({ file }) => file.length));
  const at = folder === '.' ? '' : ` -i ${inventory}`;
  return [
    ...files.map(({ file, did }) => `${file.padEnd(width)}  ${did}`),
    '',
    'Next:',
    `  edit ${inventory}: below ADAPT stands what is a guess`,
    `  mcp validate${at}`,
    `  mcp secrets init${at}, mcp certs init${at}`,
    `  mcp trust${at}, mcp check${at}, mcp plan${at}`,
  ].join('\n');
}
