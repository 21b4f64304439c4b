/** A commit of the repository that an inventory lies in. */
export interface Commit {
  readonly hash: string;
  /** ISO time, by the clock of whoever committed. */
  readonly committedAt: string;
  /** Whether there were changes beside the inventory that are in no commit. */
  readonly dirty: boolean;
}

/** `3fa9c1d2`, and whether that is all. */
export const commitInWords = ({ hash, dirty }: Commit): string =>
  `${shortHash(hash)}${dirty ? ' with changes' : ''}`;

/** As people tell commits apart. */
const shortHash = (hash: string): string => hash.slice(0, 10);
