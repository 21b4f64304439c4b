/** One thing a host should have. */
export type Resource = PackageResource | DirectoryResource | FileResource | TaskResource | UnitResource;

/** An installed package. Starts by its maintainer scripts are prevented. */
export interface PackageResource {
  readonly kind: 'package';
  readonly name: string;
}

export interface DirectoryResource {
  readonly kind: 'directory';
  readonly path: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** What stands in place of a template's name for a file that the operator wrote. */
export const ownFileTemplate = 'a file of your own';

export interface FileResource {
  readonly kind: 'file';
  readonly path: string;
  readonly content: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** What starts a comment in it; comments and blank lines never make a restart due. `none`: every byte counts. */
  readonly comment: '#' | '//' | '%' | 'none';
  /** Where it comes from, for messages: `haproxy/haproxy.cfg.hbs`. */
  readonly template: string;
  /** Override files that went into it, marked in the plan. */
  readonly overrides: readonly string[];
  /** The machine itself needs it (its names, its time): it stays where the host leaves the cloud. */
  readonly outlivesMembership?: true;
  /**
   * Lines that are read at the next start and mean nothing to what runs: they make no restart due. Who the members of a
   * cluster are is told to one that starts; one that runs knows it from the others.
   */
  readonly readAtStart?: RegExp;
  /**
   * Lines by which others come in: a listener, a way that is accepted beside another. Where the file on a host has one that
   * it is not to have any more, a way in goes: all that the service changes then comes after what every other service does,
   * so that its clients use it no longer, and only in a run that leaves no host out. What only adds one comes in its turn. A
   * way that is open because a line is missing needs a line that says so, and the socket of one that goes stays among the
   * service's `sockets` until then: the firewall changes first.
   */
  readonly offers?: RegExp;
  /** Units that read it though no service of ours says so: those that we manage watch it, others are told of it. */
  readonly readBy?: readonly { readonly unit: string; readonly action: 'restart' | 'reload' }[];
  /** Other services read it by its path: taken back, it goes when all of them have changed, and not with its own. */
  readonly readElsewhere?: true;
  /** Its lines are paths of managed files: what it named and names no more goes before units are acted on. */
  readonly listsFiles?: true;
}

/**
 * Something that is done whenever the files it reads have changed since it was last done (recorded on the host):
 * loading sysctls, the firewall, database users. Must be idempotent.
 */
export interface TaskResource {
  readonly kind: 'task';
  /** Unique on the host, kebab-case: its record is /var/lib/mcp/units/task-NAME. */
  readonly name: string;
  readonly title: string;
  /** A POSIX sh program, run as root. No secret in it: it reads them from managed files. */
  readonly script: string;
  /** Managed files whose fingerprint decides whether it is due. */
  readonly readsFiles: readonly string[];
  /**
   * `before-units`: prepares what units need (sysctl). `after-units`: needs the units running (database users).
   * `at-last`: takes away what every host of the cloud has to have left before (a former password, what a former key has
   * encrypted): the last that a run does, and only of one that leaves no host out.
   */
  readonly when: 'before-units' | 'after-units' | 'at-last';
  /**
   * Lets new users and passwords in beside those that were there: where its service runs already, that is done before
   * anything else of a run, since others are about to come with them.
   */
  readonly admits?: true;
}

export interface UnitResource {
  readonly kind: 'unit';
  /** With its suffix: `haproxy-api.service`. */
  readonly name: string;
  /** `running`: enabled and active. `stopped`: disabled and inactive (a package's default unit that ours replaces). */
  readonly state: 'running' | 'stopped';
  /** Managed files that make a restart due. */
  readonly restartOn: readonly string[];
  /** Managed files that make a reload due. */
  readonly reloadOn: readonly string[];
  /**
   * A change of it could cut the host off, from us, from the others or from clients (firewall, VIPs, load balancers): it
   * goes to one host first, and the host undoes it by itself unless the cloud is well with it.
   */
  readonly guarded?: boolean;
  /** The machine itself needs it: it goes on where the host leaves the cloud. */
  readonly outlivesMembership?: true;
}
