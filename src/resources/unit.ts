import type { UnitResource } from '../model/resource.ts';

type Watched = Partial<Pick<UnitResource, 'restartOn' | 'reloadOn' | 'guarded' | 'outlivesMembership'>>;

/** Enabled and active; restarted or reloaded when the files it watches differ from those it was last started with. */
export const runningUnit = (name: string, watched: Watched = {}): UnitResource =>
  unit(name, 'running', watched);

/** Disabled and inactive: a package's default unit that one of ours replaces. */
export const stoppedUnit = (name: string): UnitResource => unit(name, 'stopped', {});

const unit = (
  name: string,
  state: UnitResource['state'],
  { restartOn = [], reloadOn = [], guarded, outlivesMembership }: Watched,
): UnitResource => ({
  kind: 'unit',
  name,
  state,
  restartOn,
  reloadOn,
  ...(guarded === undefined ? {} : { guarded }),
  ...(outlivesMembership === undefined ? {} : { outlivesMembership }),
});
