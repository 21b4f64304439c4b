import type { Platform, PlatformChoice } from '../model/platform.ts';
import { bookworm, trixie } from './debian.ts';

/** What differs on a host that runs this distribution and release. */
export const platformOf = ({ distribution, release }: PlatformChoice): Platform =>
  platforms[distribution][release];

const platforms: Readonly<
  Record<PlatformChoice['distribution'], Readonly<Record<PlatformChoice['release'], Platform>>>
> = { debian: { bookworm, trixie } };
