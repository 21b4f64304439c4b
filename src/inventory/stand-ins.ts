import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import { roles } from '../model/inventory.ts';
import { usualRelease } from '../model/release.ts';
import { valueAt } from './complaints.ts';

/** What is done about a part that is wrong, so that the rest of the inventory can be judged. */
export interface Repair {
  readonly path: InventoryPath;
  /** What comes in its place; undefined: it is left out. */
  readonly standIn?: unknown;
  /** What nobody can count on any more. */
  readonly doubts?: 'roles' | 'vips';
  /** The service whose settings are in doubt. */
  readonly service?: string;
}

/**
 * The least that has to be replaced of `value` where these mistakes are. A stand-in is nothing that a rule would complain
 * about, or it stands where its complaints are dropped.
 */
export function repairsOf(mistakes: readonly Diagnostic[], value: unknown): readonly Repair[] {
  const free = unusedIn(value);
  return mistakes.flatMap(({ path }) => repairOf(path, value, free) ?? []);
}

/** Undefined: nothing has to be done, a lenient schema takes it. */
function repairOf(path: InventoryPath, value: unknown, free: Free): Repair | undefined {
  const [section] = path;
  if (section === 'networks') return ofNetwork(path);
  if (section === 'machines') return ofMachine(path, value, free);
  if (section === 'vips') return ofVip(path, value, free);
  if (section === 'services') return ofServices(path);
  const standIn = required[String(section)];
  return { path: path.slice(0, 1), ...(standIn === undefined ? {} : { standIn }) };
}

const required: Readonly<Record<string, unknown>> = {
  format: 1,
  cloud: 'unknown',
  platform: { distribution: 'debian', release: usualRelease },
};

/** Every address lies in the network that stands in for one that is not known. */
const network = { cidr: '0.0.0.0/0', interface: 'unknown' };

function ofNetwork([section = '', name, key]: InventoryPath): Repair {
  if (name === undefined) return { path: [section], standIn: { management: network } };
  if (key === 'gateway') return { path: [section, name, key] };
  const standIn = key === 'cidr' || key === 'interface' ? network[key] : undefined;
  return standIn === undefined
    ? { path: [section, name], standIn: network }
    : { path: [section, name, key ?? ''], standIn };
}

function ofMachine(path: InventoryPath, value: unknown, free: Free): Repair | undefined {
  if (path.length === 1) return { path, standIn: {}, doubts: 'roles' };
  const base = path.slice(0, path[2] === 'nodes' && path.length > 3 ? 4 : 2);
  if (path.length > base.length) return ofHost(base, path, { value, free });
  return isMapping(valueAt(value, base)) ? undefined : { path: base, doubts: 'roles' };
}

/** `base` is where the machine or node stands that is wrong at `path`. */
function ofHost(
  base: InventoryPath,
  path: InventoryPath,
  { value, free }: { readonly value: unknown; readonly free: Free },
): Repair {
  const [key = '', inner] = path.slice(base.length);
  const place = [...base, key];
  if (key === 'roles') return { path: place, standIn: rolesIn(valueAt(value, place)), doubts: 'roles' };
  if (key === 'nodes') return { path: place, doubts: 'roles' };
  if (key !== 'addresses') return { path: path.slice(0, base.length + (key === 'services' ? 2 : 1)) };
  const carriesNodes = base.length === 2 && valueAt(value, [...base, 'nodes']) !== undefined;
  return carriesNodes ? { path: place, doubts: 'roles' } : ofAddresses(place, inner, free);
}

function ofAddresses(place: InventoryPath, network: InventoryPath[number] | undefined, free: Free): Repair {
  if (network === undefined) return { path: place, standIn: { management: free.address() } };
  const path = [...place, network];
  return network === 'management' ? { path, standIn: free.address() } : { path };
}

const rolesIn = (written: unknown): readonly unknown[] =>
  Array.isArray(written) ? written.filter((role) => roles.some((known) => known === role)) : [];

function ofVip(path: InventoryPath, value: unknown, free: Free): Repair | undefined {
  const [section = '', name, key] = path;
  if (name === undefined) return { path: [section], standIn: {}, doubts: 'vips' };
  if (key === 'address') return { path, standIn: free.address() };
  if (key === 'routerId') return { path, standIn: free.routerId() };
  if (key === 'hostname') return { path, standIn: free.hostName() };
  if (key === undefined && isMapping(valueAt(value, path))) return undefined;
  return { path: [section, name], doubts: 'vips' };
}

function ofServices(path: InventoryPath): Repair {
  const [, name] = path;
  const service = name === undefined ? {} : { service: String(name) };
  return { path: path.slice(0, 3), ...service };
}

/** Gives out what nothing in an inventory has. */
interface Free {
  address(): string;
  routerId(): number;
  hostName(): string;
}

function unusedIn(value: unknown): Free {
  const written = JSON.stringify(value) ?? '';
  const addresses = Array.from(
    { length: 65_024 },
    (_, index) => `198.19.${index >> 8}.${index & 255}`,
  ).values();
  const ids = Array.from({ length: 255 }, (_, index) => 255 - index).values();
  const next = <Item>(items: Iterator<Item>, isTaken: (item: Item) => boolean, last: Item): Item => {
    for (;;) {
      const { value: item, done } = items.next();
      if (done === true) return last;
      if (!isTaken(item)) return item;
    }
  };
  let names = 0;
  return {
    address: () => next(addresses, (address) => written.includes(`"${address}"`), '198.19.255.255'),
    routerId: () => next(ids, (id) => written.includes(`"routerId":${id}`), 255),
    hostName: () => `unknown-${++names}.invalid`,
  };
}

const isMapping = (value: unknown): value is Readonly<Record<string | number, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
