import { setMaxListeners } from 'node:events';
import {
  clientWorkload,
  type DrillContext,
  type DrillEvent,
  drillAsText,
  drillReport,
  drillSummaryAsJson,
  eventAsJson,
  eventAsText,
  faultAsJson,
  keepPunctual,
  labPower,
  recordAsJson,
  runDrill,
  runSteady,
  steadyAsText,
  steadyReport,
  systemClock,
  versionAsJson,
} from '../drill/index.ts';
import { createLab } from '../lab/index.ts';
import { eachCertificate } from '../model/certificate.ts';
import { exitCodes } from '../model/failure.ts';
import { type Fault, needsPlug } from '../model/fault.ts';
import type { Topology } from '../model/topology.ts';
import { type Output, tableAsText } from '../report/index.ts';
import { openSession, type Session } from '../workflows/cloud.ts';
import { faultsOf } from '../workflows/faults.ts';
import { labPackages } from '../workflows/lab-packages.ts';
import { loadTopology } from '../workflows/load.ts';
import { runInNamespace } from '../workflows/namespace.ts';
import { createRunFolder } from '../workflows/run-folder.ts';
import { keyPasswords } from './key-password.ts';
import type { ReportFiles, ReportFlags } from './report-files.ts';

/** What `mcp failover-drill` was told. */
export interface DrillFlags extends ReportFlags {
  readonly inventory: string;
  readonly list?: true;
  readonly repeat: number;
  readonly steady?: number;
  readonly saturate?: true;
  readonly json?: true;
}

/** Drills, in the network namespace that the inventory names; resolves with the exit code. */
export async function runFailoverDrill(
  names: readonly string[],
  flags: DrillFlags,
  { output, files }: Pick<Wiring, 'output' | 'files'>,
): Promise<number> {
  const { topology } = await loadTopology(flags.inventory, { askPassword: keyPasswords(output) });
  output.hide(topology.secrets.values());
  output.hide(eachCertificate(topology.certificates).map(({ key }) => key));
  if (flags.list) {
    output.print(listOf(faultsOf(topology), flags));
    return exitCodes.done;
  }
  const elsewhere = await runInNamespace(topology.inventory.ssh.namespace);
  return elsewhere ?? (await drillHere(topology, names, { flags, output, files }));
}

async function drillHere(
  topology: Topology,
  names: readonly string[],
  { flags, output, files }: Omit<Wiring, 'signal'>,
): Promise<number> {
  const interruption = interruptions();
  await using session = await openSession(topology, {
    sudoPassword: () => output.askSecret('sudo password: '),
  });
  const context = await contextOf(session, { flags, output, files, signal: interruption.signal });
  try {
    const { verdict } = flags.steady === undefined ? await drill(names) : await steady(flags.steady);
    if (interruption.signal.aborted) return exitCodes.interrupted;
    return verdict === 'PASS' ? exitCodes.done : exitCodes.drillFailed;
  } finally {
    interruption.stop();
  }

  async function drill(faults: readonly string[]) {
    const result = await runDrill({ faults, repeat: flags.repeat }, context);
    output.print(
      flags.json ? drillSummaryAsJson(result, new Date()) : `\n${drillAsText(result, output.paint)}`,
    );
    await files.tell(() => drillReport(result));
    return result;
  }

  async function steady(seconds: number) {
    const result = await runSteady({ seconds, saturate: flags.saturate === true }, context);
    const asJson = () => recordAsJson({ type: 'summary', ...result }, new Date());
    output.print(flags.json ? asJson() : steadyAsText(result, output.paint));
    await files.tell(() => steadyReport(result, seconds));
    return result;
  }
}

interface Wiring {
  readonly flags: DrillFlags;
  readonly output: Output;
  readonly files: ReportFiles;
  readonly signal: AbortSignal;
}

async function contextOf(session: Session, { flags, output, signal }: Wiring): Promise<DrillContext> {
  const { topology } = session.cloud;
  const { run, directory } = await createRunFolder(topology.cloud, new Date());
  keepPunctual();
  if (flags.json) output.print(versionAsJson(new Date()));
  const { inventory } = topology;
  const progress = (text: string) => output.complain(text);
  const lab = inventory.lab ? createLab(inventory, { packages: labPackages, progress }) : undefined;
  await lab?.seatClients();
  return {
    topology,
    faults: faultsOf(topology),
    run,
    observe: (observing) => session.health(observing),
    connect: session.connect,
    workload: clientWorkload(topology, session.connect, {
      clock: systemClock,
      runDirectory: directory,
      signal,
    }),
    power: lab ? labPower(lab, systemClock) : undefined,
    clock: systemClock,
    emit: (event) => tell(event, flags, output),
    signal,
  };
}

function tell(event: DrillEvent, { json }: DrillFlags, output: Output): void {
  const now = new Date();
  const text = json ? eventAsJson(event, now) : eventAsText(event);
  if (text === undefined) return;
  output.print(json ? text : `${now.toISOString().slice(11, 19)} ${text}`);
}

/** The first Ctrl-C heals and verifies; the second leaves at once, and the hosts heal by themselves. */
function interruptions(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  // Everything that waits listens to it: one for each host, probe and pause.
  setMaxListeners(0, controller.signal);
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    stop() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}

function listOf(faults: readonly Fault[], { json }: DrillFlags): string {
  const now = new Date();
  if (json) {
    const record = { type: 'faults', faults: faults.map(faultAsJson) };
    return [versionAsJson(now), recordAsJson(record, now)].join('\n');
  }
  const columns = ['fault', 'what is done', 'for', 'allowed outages', 'done'];
  return tableAsText(
    columns,
    faults.map((fault) => [
      fault.name,
      fault.title,
      `${fault.lastsSeconds} s`,
      allowedOutages(fault),
      `${fault.onlyByName ? 'only when named' : 'by default'}${needsPlug(fault) ? ', in a lab' : ''}`,
    ]),
  );
}

function allowedOutages({ budgets, vipBudgets = {} }: Fault): string {
  const vips = Object.entries(vipBudgets).map(([vip, budget]) => [`vip ${vip}`, budget] as const);
  return [...Object.entries(budgets), ...vips]
    .map(([endpoint, milliseconds]) => `${endpoint} ${milliseconds / 1000} s`)
    .join(', ');
}
