import { dirname } from 'node:path';
import { eachCertificate } from '../model/certificate.ts';
import type { Topology } from '../model/topology.ts';
import type { Output } from '../report/index.ts';
import { askedFrom } from '../workflows/asked.ts';
import { checkCloud } from '../workflows/check.ts';
import { describeCloud, openSession, type Session } from '../workflows/cloud.ts';
import { deployCloud, refuse } from '../workflows/deploy.ts';
import { cloudHistory, runShown } from '../workflows/history.ts';
import { loadTopology } from '../workflows/load.ts';
import { breakLocks, cloudLocks } from '../workflows/lock.ts';
import { bringHostBack, hostsInMaintenance, takeHostOut } from '../workflows/maintenance.ts';
import { runInNamespace } from '../workflows/namespace.ts';
import { planCloud } from '../workflows/plan.ts';
import { recoverCloud } from '../workflows/recover.ts';
import { renderCloud } from '../workflows/render.ts';
import { repositoryOf } from '../workflows/repository.ts';
import { rollBackCloud } from '../workflows/rollback.ts';
import { sealPlan } from '../workflows/saved-plan.ts';
import { writePlanFile } from '../workflows/saved-plan-file.ts';
import { certificateFindings, cloudStatus } from '../workflows/status.ts';
import type { Deployer, OpenCloud } from './deployer.ts';
import { keyPasswords } from './key-password.ts';
import { listenForStop } from './stop-signals.ts';

/** The workflows, as the verbs know them. */
export function createDeployer(output: Output): Deployer {
  const askPassword = keyPasswords(output);
  return {
    async withCloud(inventory, work, leniency) {
      const { topology } = await loadTopology(inventory, {
        askPassword,
        expiry: leniency?.expiredCertificates === true ? 'left-alone' : 'judged',
      });
      output.hide(secretsOf(topology));
      const elsewhere = await runInNamespace(topology.inventory.ssh.namespace);
      if (elsewhere !== undefined) return elsewhere;
      await using session = await openSession(topology, {
        sudoPassword: () => output.askSecret('sudo password: '),
        repository: repositoryOf(dirname(inventory)),
      });
      return await work(openCloud(session, output));
    },
    async render(inventory, directory) {
      const { topology } = await loadTopology(inventory, { askPassword });
      return renderCloud(await describeCloud(topology), directory);
    },
  };
}

/** What the verbs may ask of a cloud whose hosts are within reach. */
export const openCloud = (session: Session, output: Output): OpenCloud => ({
  secrets: secretsOf(session.cloud.topology),
  expiring: () => certificateFindings(session),
  plan: (options) => planCloud(session, options),
  async savePlan(file, planned, options) {
    refuse(planned.plan);
    const asked = await askedFrom(session.repository, 'plan');
    await writePlanFile(file, sealPlan(session.cloud, planned, { asked, options, now: new Date() }));
  },
  async deploy(wishes) {
    using stop = listenForStop((text) => output.complain(text));
    return await deployCloud(session, { ...wishes, signals: stop.signals });
  },
  history: () => cloudHistory(session),
  run: async (name) => runShown(name, await cloudHistory(session)),
  async rollback(wishes) {
    using stop = listenForStop((text) => output.complain(text));
    return await rollBackCloud(session, { ...wishes, signals: stop.signals });
  },
  lock: {
    show: () => cloudLocks(session),
    break: (wishes) => breakLocks(session, wishes),
  },
  maintenance: {
    list: () => hostsInMaintenance(session),
    async enter(wishes) {
      using stop = listenForStop((text) => output.complain(text));
      return await takeHostOut(session, { ...wishes, signals: stop.signals });
    },
    async leave(wishes) {
      using stop = listenForStop((text) => output.complain(text));
      return await bringHostBack(session, { ...wishes, signals: stop.signals });
    },
  },
  status: () => cloudStatus(session),
  check: () => checkCloud(session),
  async recover(wishes) {
    using stop = listenForStop((text) => output.complain(text));
    return await recoverCloud(session, { ...wishes, signals: stop.signals });
  },
});

const secretsOf = ({ secrets, certificates }: Topology) => [
  ...secrets.values(),
  ...eachCertificate(certificates).map(({ key }) => key),
];
