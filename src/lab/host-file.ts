/** What tells one host of an image from another, as an operator's installer would have written it. */
export interface HostFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  /** Number of the user and the group whose it is, with the folders of it below /home; absent: root. */
  readonly owner?: number;
}
