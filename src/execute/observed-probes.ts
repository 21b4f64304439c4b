import { z } from 'zod';
import { type Answer, notInstalled, type Probe, type ProbeReply } from '../model/probe.ts';
import { answersOf, type Question } from './observation-program.ts';
import { type Parts, textOf } from './reply-parts.ts';

/** The reply of each probe, by its name. */
export function probesIn(parts: Parts, { probes }: Question): ReadonlyMap<string, ProbeReply> {
  return new Map(
    probes.map((probe, index) => [
      probe.name,
      probeReply(probe, printedBy(probe, index, parts), answersIn(parts, index)),
    ]),
  );
}

/** What it printed, then what it was answered; cut off where one of them is not there. */
function probeReply(
  { script, asks }: Probe,
  printed: ProbeReply,
  answers: readonly Answer[] | 'lacking' | undefined,
): ProbeReply {
  if (asks === undefined) return printed;
  if (answers === undefined) return { exitCode: cutOff, stdout: printed.stdout };
  if (answers !== 'lacking') return { ...printed, stdout: `${printed.stdout}${asks.told(answers)}` };
  return script === undefined ? { exitCode: 0, stdout: `${notInstalled}\n` } : printed;
}

function printedBy({ script }: Probe, index: number, parts: Parts): ProbeReply {
  if (script === undefined) return { exitCode: 0, stdout: '' };
  return {
    exitCode: Number(textOf(parts, `probe-${index}.code`) || cutOff),
    stdout: textOf(parts, `probe-${index}.out`),
  };
}

/** `lacking`: the host has not what it is about. Undefined: nobody was asked to the end. */
function answersIn(parts: Parts, index: number): readonly Answer[] | 'lacking' | undefined {
  const part = parts.get(answersOf(index));
  if (part === undefined || part.length === 0) return undefined;
  return answers.parse(JSON.parse(part.toString())) ?? 'lacking';
}

const answers = z
  .array(
    z.object({
      reached: z.boolean(),
      milliseconds: z.number(),
      text: z.string().optional(),
      certificate: z.string().optional(),
    }),
  )
  .nullable();

/** As `timeout` says it. */
const cutOff = 124;
