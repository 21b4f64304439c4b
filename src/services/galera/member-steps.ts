import type { Host } from '../../model/host.ts';
import { programWith, type ShellInput } from '../../model/shell-program.ts';
import type { ScriptStep } from '../../model/step.ts';
import awaitAppliedText from './await-applied.sh';
import awaitLongTransactionsText from './await-long-transactions.sh';
import awaitNewWriterText from './await-new-writer.sh';
import awaitUsableText from './await-usable.sh';
import endSessionsText from './end-sessions.sh';
import { agentPort, clientAddress, maintenanceMark, probeFile, serverSocket } from './layout.ts';
import sqlText from './sql.sh';

/** Lets transactions that take long end before anyone has to wait for them. Bounded: then they are cut. */
export const awaitLongTransactions = (host: string): ScriptStep => ({
  host,
  title: 'wait for long transactions',
  timeoutSeconds: 20,
  script: askingSql(awaitLongTransactionsText),
});

/** Ends the sessions of clients as soon as each is between two transactions; new ones are held back meanwhile. */
export const endSessions = (host: string): ScriptStep => ({
  host,
  title: 'end idle SQL sessions',
  timeoutSeconds: 20,
  script: askingSql(endSessionsText),
});

/** Waits until the member has applied everything that the old writer committed. */
export const awaitApplied = (host: string): ScriptStep => ({
  host,
  title: 'apply all write sets',
  timeoutSeconds: 15,
  script: askingSql(awaitAppliedText),
});

/** Asks through the VIP until another member than `formerly` answers. */
export const awaitNewWriter = (host: string, vip: string, formerly: string): ScriptStep => ({
  host,
  title: 'another member answers through the VIP',
  timeoutSeconds: 20,
  script: programWith(awaitNewWriterText, { values: { vip, formerly, login: probeFile } }),
});

/** Waits until the member could take the writes, in its own and in its health agent's eyes. */
export const awaitUsable = (host: Host): ScriptStep => ({
  host: host.name,
  title: 'wait until the member is Synced',
  timeoutSeconds: 900,
  script: askingSql(awaitUsableText, {
    address: clientAddress(host),
    agent_port: agentPort,
    maintenance_mark: maintenanceMark,
  }),
});

const askingSql = (text: string, values: ShellInput['values'] = {}): string =>
  programWith(sqlText + text, { values: { socket: serverSocket, ...values } });
