import { McpError } from '../model/failure.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Release } from '../model/release.ts';
import { type LabDescription, releasesIn } from './description.ts';

/** Refuses to boot what nobody means: hosts of another release than was asked for, or of several, as a lab has one image. */
export function requireOneRelease(inventory: Inventory, asked: Release | undefined): void {
  const [release, ...others] = releasesIn(inventory);
  if (others.length > 0) {
    throw new McpError(
      'invalid-arguments',
      `${inventory.file} has hosts of ${release} and ${others.join()}`,
      {
        hint: 'let all hosts of a lab run one release: they are made from one image',
      },
    );
  }
  if (asked === undefined || asked === release) return;
  throw new McpError('invalid-arguments', `RELEASE is ${asked}, and ${inventory.file} says ${release}`, {
    hint: 'unset RELEASE, or leave `release` out of the inventory: then it is what RELEASE names',
  });
}

/** Refuses to go on with hosts that were made with another release, before an image is built for nothing. */
export function refuseOtherRelease(before: LabDescription | undefined, lab: LabDescription): void {
  if (before === undefined || before.release === lab.release) return;
  throw new McpError(
    'lab-failed',
    `the lab ${lab.name} was brought up with ${before.release}, and is asked for with ${lab.release}`,
    {
      hint: `run \`mcp lab down\` first (what was deployed on its hosts goes with them), or ask for ${before.release}`,
    },
  );
}
