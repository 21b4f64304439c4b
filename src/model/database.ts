/** What a service keeps in the database cluster: one login, and the schemas that are its own. */
export interface DatabaseAccount {
  /** Name of the login; unique in the cloud. */
  readonly user: string;
  /** Name of the secret with its password. */
  readonly secret: string;
  readonly schemas: readonly string[];
}
