import { z } from 'zod';
import { type Diagnostic, error, type InventoryPath } from '../model/diagnostic.ts';
import { closestTo } from '../model/did-you-mean.ts';
import type { Service } from '../model/service.ts';

/** What may be said of a service on one machine. */
export const settingsOfOneMachine = ({ settings, perMachine = [] }: Service): z.ZodType => {
  const fields = Object.entries(fieldsOf(settings));
  return z.strictObject(Object.fromEntries(fields.filter(([key]) => perMachine.includes(key))));
};

/** The complaint where one machine is given what its service has for the whole cloud only, spelled well or not. */
export function saidTooNarrowly(path: InventoryPath, services: readonly Service[]): Diagnostic | undefined {
  const [section, name, key] = path.slice(-3);
  const service = services.find((candidate) => candidate.name === name);
  if (path[0] !== 'machines' || section !== 'services' || service === undefined) return undefined;
  const known = Object.keys(fieldsOf(service.settings));
  const meant = known.includes(String(key)) ? String(key) : closestTo(String(key), known);
  if (meant === undefined || service.perMachine?.includes(meant)) return undefined;
  const complaint = meant === key ? '' : `unknown key; did you mean ${meant}? It `;
  return error(
    path,
    `${complaint}holds for the whole cloud and not for one machine`,
    sayOnce(service, meant),
  );
}

const sayOnce = ({ name, title, perMachine = [] }: Service, key: string): string => {
  const rest = perMachine.length === 0 ? `nothing of ${title}` : `of ${title} only ${perMachine.join(', ')}`;
  return `say it once, as \`services: { ${name}: { ${key}: … } }\`: ${rest} may differ from machine to machine`;
};

const fieldsOf = (settings: z.ZodType): Readonly<Record<string, z.core.$ZodType>> =>
  settings instanceof z.ZodObject ? settings.shape : {};
