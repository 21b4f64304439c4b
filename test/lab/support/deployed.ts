import { type LabOf, labOf } from './mcp.ts';

/** A lab that is up and deployed. What an earlier test file left of it is taken up: nothing is done twice. */
export async function deployedLab(inventory: string): Promise<LabOf> {
  const lab = labOf(inventory);
  await bringUp(lab);
  await lab.must('deploy', '--yes', '--overwrite-drift');
  return lab;
}

/** A lab of fresh hosts, nothing deployed. */
export async function freshLab(inventory: string): Promise<LabOf> {
  const lab = labOf(inventory);
  await lab.must('lab down');
  await bringUp(lab);
  return lab;
}

/** Hands the lab on as its inventory has it, whatever a test has deployed there, killed or broken. */
export async function leaveLab(lab: LabOf): Promise<void> {
  await lab.must('deploy', '--yes', '--overwrite-drift', '--lock-wait', '5m');
  await lab.must('lab down');
}

async function bringUp(lab: LabOf): Promise<void> {
  await lab.must('secrets init');
  await lab.must('certs init');
  await lab.must('lab up');
}
