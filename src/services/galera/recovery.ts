import { reachable } from '../../model/observed.ts';
import type { Refusal } from '../../model/plan.ts';
import type { Recoverable, Recovery, RecoveryQuestion, RecoveryStage } from '../../model/recovery.ts';
import { programWith } from '../../model/shell-program.ts';
import type { ScriptStep } from '../../model/step.ts';
import type { Instance } from '../../model/topology.ts';
import { stopUnit, withHeldUnits } from '../../resources/index.ts';
import { decide, wordsFor } from './decision.ts';
import forgetGroupText from './forget-group.sh';
import formClusterText from './form-cluster.sh';
import { type Knowledge, knowledgeOf, positionProbe } from './knowledge.ts';
import { dataDirectory, groupPort, replicationAddress, serverSocket, unit } from './layout.ts';
import { memberOn } from './member.ts';
import { awaitUsable } from './member-steps.ts';
import nobodyRunsText from './nobody-runs.sh';
import { ailingAmong, outageOf, serves } from './outage.ts';
import setAsideText from './set-aside.sh';
import type { GaleraSettings } from './settings.ts';

/**
 * The cluster begins again with the member that went furthest, alone; the others join one by one, since a second that
 * comes while a first copies can break that. All of them are stopped before: a server that waits for others may yet form
 * a group with them.
 */
export const galeraRecovery: Recoverable<GaleraSettings> = {
  outage: outageOf,
  ailing: ailingAmong,
  evidence: positionProbe,
  plan: planRecovery,
};

function planRecovery(question: RecoveryQuestion<GaleraSettings>): Recovery | undefined {
  const { instances, observed, resting, without } = question;
  // A blank machine in the place of one has nothing to say, and is for a deploy to set up.
  const answering = instances.filter(({ host }) => wasMember(host.name, question));
  const rejoining = answering.filter(({ host }) => !resting.has(host.name));
  if (instances.some(({ host }) => isServing(host.name, question))) {
    // Cut off after it had begun again, or somebody has: who is stopped joins.
    const stopped = rejoining.filter(({ host }) => !memberOn(observed, host.name)?.answers);
    if (stopped.length === 0) return undefined;
    const told = stopped.map((instance) => knowledgeOf(instance, observed));
    const damaged = stopped.filter((_, index) => told[index]?.kind === 'unreadable');
    const gone = told.filter(
      (each) => each.kind === 'unreadable' && each.isGone && !without.includes(each.host),
    );
    if (gone.length > 0) return { ...undecided(question, told), refusals: gone.map(mountFirst) };
    return {
      ...undecided(question, told),
      truth: 'what the members have that serve',
      stages: [...putAside(damaged), ...stopped.map(joinStage)],
    };
  }
  const known = instances.map((instance) => knowledgeOf(instance, observed));
  const { truth, replaced, isNewHistory, losses, refusals } = decide(known, question);
  const first = rejoining.find(({ host }) => host.name === truth?.host);
  if (truth === undefined || refusals.length > 0) return { ...undecided(question, known), refusals };
  if (first === undefined) {
    return {
      ...undecided(question, known),
      refusals: [
        {
          kind: 'degraded',
          host: truth.host,
          message: `${truth.host} went furthest, and is in maintenance`,
          hint: `\`mcp maintenance leave ${truth.host}\`, then this again`,
        },
      ],
    };
  }
  const others = rejoining.filter(({ host }) => host.name !== truth.host);
  const silent = instances.filter(({ host }) => reachable(observed, host.name) === undefined);
  const aside = answering.filter(({ host }) => replaced.includes(host.name));
  return {
    ...undecided(question, known),
    truth: `the data of ${truth.host}, up to transaction ${truth.seqno}`,
    losses,
    beginsAnew: true,
    stages: [
      ...(silent.length === 0
        ? []
        : [stage(`See that ${namesOf(silent)} does not run`, [nobodyRuns(first, silent)])]),
      stage(
        'Stop the members that serve nobody',
        answering.map(({ host }) => stopUnit(host.name, unit, 'stop MariaDB')),
      ),
      ...putAside(aside),
      stage('Have all forget with whom they were', answering.map(forgetGroup)),
      stage(`Form the cluster on ${truth.host}`, [formOn(first, isNewHistory ? truth.seqno : undefined)]),
      ...others.map(joinStage),
    ],
  };
}

/** A full copy would go onto whatever is there in the place of its disk. */
const mountFirst = (known: Knowledge): Refusal => ({
  kind: 'degraded',
  host: known.host,
  message: `the data of ${known.host} can not be used: ${wordsFor(known)}`,
  hint: `mount it; where it is lost, \`mcp recover --without ${known.host}\` has it copied from the others`,
});

/** Data that is damaged keeps a server from starting; a full copy of the others' takes its place. */
const putAside = (members: readonly Instance[]): readonly RecoveryStage[] =>
  members.length === 0
    ? []
    : [
        stage(
          `Put the data of ${namesOf(members)} aside`,
          members.flatMap(({ host }) => [stopUnit(host.name, unit, 'stop MariaDB'), setAside(host.name)]),
        ),
      ];

const wasMember = (host: string, { observed }: RecoveryQuestion<GaleraSettings>): boolean =>
  reachable(observed, host)?.records.has(unit) === true && memberOn(observed, host)?.installed !== false;

const isServing = (host: string, { observed }: RecoveryQuestion<GaleraSettings>): boolean => {
  const member = memberOn(observed, host);
  return member !== undefined && serves(member);
};

const undecided = (
  { instances, observed }: RecoveryQuestion<GaleraSettings>,
  known: readonly Knowledge[],
): Recovery => ({
  evidence: {
    title: 'Galera',
    columns: ['host', 'server', 'data', 'left last'],
    rows: instances.map(({ host }) => {
      const member = memberOn(observed, host.name);
      const knows = known.find((each) => each.host === host.name);
      return [
        host.name,
        member === undefined ? 'unknown' : member.answers ? member.state : member.unit,
        knows === undefined ? '' : wordsFor(knows),
        knows?.kind === 'readable' && knows.claimsToBeLast ? 'says so' : '',
      ];
    }),
  },
  truth: undefined,
  losses: [],
  refusals: [],
  beginsAnew: false,
  stages: [],
});

const namesOf = (instances: readonly Instance[]): string =>
  instances.map(({ host }) => host.name).join(' and ');

const stage = (title: string, steps: readonly ScriptStep[]): RecoveryStage => ({ title, steps });

const setAside = (host: string): ScriptStep => ({
  host,
  title: `put ${dataDirectory} aside`,
  // A name is changed at once; a file system of its own is copied, at 50 MB/s 700 GB.
  timeoutSeconds: 4 * 3600,
  script: programWith(setAsideText, { values: { data: dataDirectory } }),
});

const forgetGroup = ({ host }: Instance): ScriptStep => ({
  host: host.name,
  title: 'forget the group',
  timeoutSeconds: 30,
  script: programWith(forgetGroupText, { values: { data: dataDirectory } }),
});

const nobodyRuns = ({ host }: Instance, silent: readonly Instance[]): ScriptStep => ({
  host: host.name,
  title: 'see that those that are given up do not run',
  timeoutSeconds: 30,
  script: programWith(nobodyRunsText, {
    values: { group_port: groupPort },
    words: silent.map((instance) => replicationAddress(instance.host)),
  }),
});

const formOn = ({ host, members }: Instance, anewFrom: number | undefined): ScriptStep => ({
  host: host.name,
  title: 'begin the database cluster again',
  timeoutSeconds: 120,
  script: programWith(withHeldUnits(formClusterText), {
    values: {
      ...{ socket: serverSocket, data: dataDirectory, unit, group_port: groupPort },
      anew_from: anewFrom ?? '',
    },
    words: members.filter(({ name }) => name !== host.name).map(replicationAddress),
  }),
});

const joinStage = ({ host }: Instance): RecoveryStage =>
  stage(`Have ${host.name} join`, [
    {
      host: host.name,
      title: 'start MariaDB',
      timeoutSeconds: 30,
      script: withHeldUnits(`release_unit ${unit}\nsystemctl start --no-block ${unit}\n`),
    },
    awaitUsable(host),
  ]);
