import { getPriority, setPriority } from 'node:os';

/** The probe stands for clients on machines of their own: what else runs here must not make it late. */
export function keepPunctual(): void {
  try {
    setPriority(punctual);
  } catch {
    // Not allowed here: the lag that is reported tells.
  }
}

const punctual = -10;
const usual = 0;

/** Starts something without handing our priority down: a host that boots, a loop that keeps a core busy. */
export async function atUsualPriority<T>(act: () => Promise<T>): Promise<T> {
  if (getPriority() === usual) return act();
  setPriority(usual);
  try {
    return await act();
  } finally {
    setPriority(punctual);
  }
}
