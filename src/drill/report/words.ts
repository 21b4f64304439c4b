/** `ctl01, ctl02 and ctl03`. */
export const hostsText = (hosts: readonly string[]): string =>
  hosts.length < 2 ? hosts.join('') : `${hosts.slice(0, -1).join(', ')} and ${hosts.at(-1)}`;

/** Milliseconds as seconds: `0.55 s`; a dash for none. */
export const secondsText = (milliseconds: number): string =>
  milliseconds === 0 ? '–' : `${(milliseconds / 1000).toFixed(2)} s`;
