import { dirname } from 'node:path';
import { z } from 'zod';
import { McpError } from '../model/failure.ts';
import { labFolder, labRecordFile } from '../model/lab-folder.ts';
import type { PlatformChoice } from '../model/platform.ts';
import { type Release, releases, usualRelease } from '../model/release.ts';
import { labSettings } from './assemble.ts';
import { readIfThere } from './read-file.ts';
import type { InventoryShape } from './schema.ts';

/**
 * What hosts run. An inventory that says it is taken at its word. One that leaves it open describes a lab: that is brought
 * up with the release that RELEASE names, and until it is taken down, whoever names none means the one that it has.
 */
export async function settledPlatform(file: string, shape: InventoryShape): Promise<PlatformChoice> {
  const { distribution, release } = shape.platform;
  if (release !== undefined) return { distribution, release };
  const open = releaseAskedFor() ?? (await releaseOfLab(labSettings(shape, dirname(file))));
  return { distribution, release: open ?? usualRelease };
}

/** The release that RELEASE names; undefined where it is not set, or empty. */
export function releaseAskedFor(): Release | undefined {
  const named = process.env['RELEASE'] ?? '';
  const known = releases.find((each) => each === named);
  if (known !== undefined || named === '') return known;
  throw new McpError('invalid-arguments', `RELEASE=${named} names no release of Debian that mcp deploys to`, {
    hint: `set it to ${releases.join(' or ')}, or unset it`,
  });
}

/** What the lab was brought up with that is there now; a record that tells no release is for the lab to complain of. */
async function releaseOfLab(lab: ReturnType<typeof labSettings>): Promise<Release | undefined> {
  const text = lab && (await readIfThere(labRecordFile(labFolder(lab))));
  return text === undefined ? undefined : record.safeParse(JSON.parse(text)).data?.lab.release;
}

const record = z.object({ lab: z.object({ release: z.enum(releases) }) });
