/** Who a service is in the identity service, and under which names clients find it. */
export interface Identity {
  /** `administrator`: the cloud's own login, of which there is one; `service`: what one service says to another. */
  readonly kind: 'administrator' | 'service';
  readonly user: string;
  /** Name of the secret with its password. */
  readonly secret: string;
  readonly catalogue: readonly CatalogueEntry[];
}

/** One service of the catalogue; its addresses follow from the listener and the VIPs that offer it. */
export interface CatalogueEntry {
  readonly name: string;
  /** `identity`, `image`, `compute` …: what clients look for. */
  readonly type: string;
  readonly description: string;
  /** Name of the listener that offers it. */
  readonly listener: string;
  /** What follows host and port in its addresses: `/v3`, or nothing. */
  readonly path: string;
}

/** Where users and projects of services and of the administrator live; Keystone's bootstrap makes it. */
export const defaultDomain = 'Default';
/** The project of the services' own users. */
export const serviceProject = 'service';
/** The project in which the administrator works. */
export const administratorProject = 'admin';
