/** What an operator says beside the inventory of what is to be planned. */
export interface PlanOptions {
  /** Files that someone else edited are replaced instead of refused. */
  readonly overwriteDrift?: boolean;
  /** The inventory may be at an older commit than the one that was deployed last. */
  readonly allowOlder?: boolean;
  /** Hosts that may be missing; the next run catches them up. */
  readonly allowUnreachable?: readonly string[];
  /** The only hosts to act on. */
  readonly limit?: readonly string[];
  /** Hosts that leave and need not answer. */
  readonly forget?: readonly string[];
  /** Data of what leaves is removed, too. */
  readonly purge?: boolean;
  /** Former users and passwords stay in force: somebody outside of the inventory (a compute host) still uses them. */
  readonly keepFormer?: boolean;
}
