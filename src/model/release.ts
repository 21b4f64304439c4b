/** Debian's releases that hosts may run, by code name. */
export const releases = ['bookworm', 'trixie'] as const;
export type Release = (typeof releases)[number];

/** What the hosts of a lab run where nobody has said anything else, and what a new inventory is drafted for: Debian's stable. */
export const usualRelease: Release = 'trixie';
