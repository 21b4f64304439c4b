/** Milliseconds as seconds: `0.55 s`; a dash for none. */
export const secondsText = (milliseconds: number): string =>
  milliseconds === 0 ? '–' : `${(milliseconds / 1000).toFixed(2)} s`;
