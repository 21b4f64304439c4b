import type { LabSettings } from '../model/inventory.ts';
import type { LabOutsider } from './described.ts';
import { onWire, portName } from './ports.ts';
import { placeOf, type Segment } from './segments.ts';

/** A host name has no dot, so the namespace is neither that of another lab nor of an outsider of one. */
export const outsidersOf = (lab: LabSettings, segments: readonly Segment[]): readonly LabOutsider[] =>
  Object.entries(lab.outsiders ?? {}).map(([name, address]) => {
    const place = placeOf(segments, address);
    return {
      name,
      address: `${address}/${place?.prefix ?? 24}`,
      namespace: `${lab.name}.${name}`,
      port: portName(name, 0),
      ...onWire(place),
      ...(place?.router === undefined ? {} : { gateway: place.router }),
    };
  });
