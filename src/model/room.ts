/** How much memory a service takes for itself on a host and keeps, whatever it is asked. */
export interface KeptMemory {
  readonly host: string;
  readonly service: string;
  readonly mebibytes: number;
}

/** Where a service keeps what it can't do without, and what has to be free there for it to begin. */
export interface Room {
  readonly host: string;
  /** A folder that may be a file system of its own, and that need not be there yet. */
  readonly path: string;
  readonly mebibytes: number;
  /** Why so much: for whom it is missing. */
  readonly reason: string;
}
