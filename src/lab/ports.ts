import { createHash } from 'node:crypto';
import type { Link } from './described.ts';
import { firstBridge, type Place } from './segments.ts';

/** An interface name has at most 15 characters; a long host name keeps its beginning and a hash that tells it apart. */
export function portName(host: string, index: number): string {
  const plain = `${host}.${index}`;
  if (plain.length <= 15) return plain;
  return `${host.slice(0, 7)}-${createHash('sha256').update(plain).digest('hex').slice(0, 6)}`;
}

/** The first switch goes without saying. */
export const onWire = (place: Place | undefined): Pick<Link, 'bridge'> =>
  place === undefined || place.segment.bridge === firstBridge ? {} : { bridge: place.segment.bridge };
