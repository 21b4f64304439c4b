import { type LabOf, labOf, mcp } from './mcp.ts';

/** A lab that is up and deployed; whatever an earlier test left of it is taken over. */
export async function deployedLab(inventory: string): Promise<LabOf> {
  const lab = labOf(inventory);
  await prepared(lab);
  await lab.must('deploy', '--yes', '--overwrite-drift');
  return lab;
}

/** A lab that was torn down before: fresh hosts, nothing deployed. */
export async function freshLab(inventory: string): Promise<LabOf> {
  const lab = labOf(inventory);
  await mcp('lab', 'down', '-i', inventory);
  await prepared(lab);
  return lab;
}

async function prepared(lab: LabOf): Promise<void> {
  await lab.must('secrets init');
  await lab.must('certs init');
  await lab.must('lab up');
}
