import { Command, Option } from 'commander';
import {
  createLab,
  type DownOptions,
  type HostStatus,
  type Lab,
  type LabStatus,
  type OutsiderStatus,
  type Partition,
} from '../../lab/index.ts';
import { McpError } from '../../model/failure.ts';
import { type Output, tableAsText } from '../../report/index.ts';
import { labPackages } from '../../workflows/lab-packages.ts';
import { loadTopology } from '../../workflows/load.ts';
import { inventoryOption } from '../inventory-option.ts';

/** `mcp lab …`: real hosts on this machine, from any inventory with a `lab` section. */
export function labCommand(output: Output): Command {
  const verbs = [...lifeVerbs(output), ...accessVerbs(output), ...faultVerbs(output), ...stateVerbs(output)];
  const lab = new Command('lab').description(
    'real hosts on one machine: boot, break, heal, save and restore them',
  );
  for (const verb of verbs) lab.addCommand(verb.addOption(inventoryOption('inventory with a `lab` section')));
  return lab;
}

interface LabOptions {
  readonly inventory: string;
}

function lifeVerbs(output: Output): readonly Command[] {
  return [
    new Command('up')
      .description('boot every host of the inventory; builds the image first where it is missing')
      .action(async (options: LabOptions) => {
        const lab = await labOf(options, output);
        await lab.up();
        output.print(statusText(await lab.status()));
      }),
    new Command('down')
      .description('take everything away that `up` made; images and saved states stay')
      .option('--images', 'remove saved states and images too, but for images that another lab uses')
      .option('--wherever', 'even a lab of this name that another checkout brought up')
      .action(async (options: LabOptions & DownOptions) => {
        await (await labOf(options, output)).down(options);
      }),
    new Command('status')
      .description('how the hosts are')
      .option('--json', 'print JSON')
      .action(async ({ json, ...options }: LabOptions & { json?: boolean }) => {
        const status = await (await labOf(options, output)).status();
        output.print(json === true ? JSON.stringify(status) : statusText(status));
      }),
  ];
}

function accessVerbs(output: Output): readonly Command[] {
  return [
    new Command('ssh')
      .description('log in to a host as root')
      .argument('<host>')
      .action(async (host: string, options: LabOptions) => {
        process.exitCode = await (await labOf(options, output)).ssh(host, []);
      }),
    new Command('exec')
      .description('run a command on a host as root; its exit code is ours')
      .argument('<host>')
      .argument('<command...>', 'after --; a single word is a line for the shell of the host')
      .action(async (host: string, command: string[], options: LabOptions) => {
        process.exitCode = await (await labOf(options, output)).ssh(host, command);
      }),
    new Command('forward')
      .description('carry connections from a port of 127.0.0.1 into the lab, until Ctrl-C')
      .argument('<port>', 'on this machine', portNumber)
      .argument('<target>', 'VIP:PORT, HOST:PORT or ADDRESS:PORT in the lab')
      .action(async (port: number, target: string, options: LabOptions) => {
        const lab = await labOf(options, output);
        const stop = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
        const listening = () => output.print(`127.0.0.1:${port} leads to ${target}; Ctrl-C ends it`);
        await lab.forward({ port, target }, { listening, signal: stop.signal });
      }),
  ];
}

function faultVerbs(output: Output): readonly Command[] {
  const onTarget = (
    name: string,
    description: string,
    act: (lab: Lab, target: string) => Promise<void>,
  ): Command =>
    new Command(name)
      .description(description)
      .argument('<target>', 'a host, or a physical machine with all nodes on it')
      .action(async (target: string, options: LabOptions) => act(await labOf(options, output), target));
  return [
    onTarget('power-off', 'cut the power: everything in the host ends at once', (lab, target) =>
      lab.powerOff(target),
    ),
    onTarget('power-on', 'switch on and wait for ssh', async (lab, target) => {
      await lab.powerOn(target);
      await lab.awaitSsh(target);
    }),
    onTarget(
      'replace',
      'put a blank machine with another host key in its place, as after a repair; known_hosts stays as it is',
      async (lab, target) => {
        await lab.replace(target);
        await lab.awaitSsh(target);
      },
    ),
    onTarget('unplug', 'pull the network cables', (lab, target) => lab.unplug(target)),
    onTarget('plug', 'put the network cables back', (lab, target) => lab.plug(target)),
    partitionVerb(output),
    onTarget('heal', 'end a partition', (lab, target) => lab.heal(target)),
    unitVerb('freeze', { description: 'stop every process of a unit where it stands (SIGSTOP)', output }),
    unitVerb('thaw', { description: 'let the processes of a frozen unit go on (SIGCONT)', output }),
  ];
}

function partitionVerb(output: Output): Command {
  return new Command('partition')
    .description("drop a host's traffic, ssh from this machine spared")
    .argument('<target>', 'a host, or a physical machine with all nodes on it')
    .addOption(
      new Option('--direction <direction>', 'what is dropped: what reaches it, what it sends, or both')
        .choices(['in', 'out', 'both'])
        .default('both'),
    )
    .option('--from <host...>', 'cut it off from these alone')
    .action(async (target: string, cut: LabOptions & Pick<Partition, 'direction'> & { from?: string[] }) => {
      const lab = await labOf(cut, output);
      await lab.partition(target, { direction: cut.direction, from: cut.from ?? [] });
    });
}

function unitVerb(
  verb: 'freeze' | 'thaw',
  { description, output }: { description: string; output: Output },
): Command {
  return new Command(verb)
    .description(description)
    .argument('<host>')
    .argument('<unit>', 'a systemd unit, as in mariadb.service')
    .action(async (host: string, unit: string, options: LabOptions) => {
      const count = await (await labOf(options, output))[verb](host, unit);
      output.print(`${count} processes of ${unit} on ${host}`);
    });
}

function stateVerbs(output: Output): readonly Command[] {
  const onState = (
    name: string,
    description: string,
    act: (lab: Lab, state: string) => Promise<void>,
  ): Command =>
    new Command(name)
      .description(description)
      .argument('<name>')
      .action(async (state: string, options: LabOptions) => {
        const lab = await labOf(options, output);
        await act(lab, state);
        await lab.awaitSsh();
      });
  return [
    onState(
      'save',
      "keep all hosts' disks under a name, as a power failure of the site leaves them",
      (lab, state) => lab.save(state),
    ),
    onState('restore', 'put all hosts back to a saved state and boot them', (lab, state) =>
      lab.restore(state),
    ),
  ];
}

/** The lab that the inventory names. Neither secrets nor certificates need to be there yet. */
async function labOf({ inventory }: LabOptions, output: Output): Promise<Lab> {
  const { topology } = await loadTopology(inventory, { needs: 'topology' });
  const started = performance.now();
  const progress = (stage: string) =>
    output.complain(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${stage}`);
  return createLab(topology.inventory, { packages: labPackages, progress });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new McpError('invalid-arguments', `${text} is no port`, { hint: 'write a number from 1 to 65535' });
}

function statusText({ name, isUp, image, hosts, outsiders, saved }: LabStatus): string {
  const head = isUp ? `${name} is up, image ${image}` : `${name} is down`;
  const rows = hosts.map((host) => [host.name, host.machine, host.address, ...conditionOf(host)]);
  const states = saved.length === 0 ? [] : [`saved: ${saved.join(', ')}`];
  return [
    head,
    ...(isUp ? [tableAsText(['host', 'machine', 'address', 'power', 'ssh', ''], rows)] : []),
    ...(isUp ? outsiders.map(outsiderText) : []),
    ...states,
  ].join('\n');
}

const outsiderText = ({ name, address, namespace, isThere }: OutsiderStatus): string =>
  `outside of the cloud: ${name}, ${address}, ${isThere ? `nsenter --net=/run/netns/${namespace}` : 'not there'}`;

function conditionOf({ power, answersSsh, unplugged, partition, armed }: HostStatus): readonly string[] {
  const faults = [
    ...(unplugged.length === 0 ? [] : [`unplugged ${unplugged.join(' ')}`]),
    ...(partition === undefined
      ? []
      : [`cut off ${partition.direction} from ${partition.from.join(' ') || 'all'}`]),
    ...(armed === undefined ? [] : [`${armed} armed`]),
  ];
  return [power, answersSsh ? 'answers' : 'silent', faults.join(', ')];
}
