/** What Ctrl-C means while something is being changed. */
export interface StopSignals extends Disposable {
  readonly signals: { readonly soft: AbortSignal; readonly hard: AbortSignal };
}

/** The first Ctrl-C (or SIGTERM) lets the running step finish and stops; the second stops now. */
export function listenForStop(say: (text: string) => void): StopSignals {
  const soft = new AbortController();
  const hard = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (soft.signal.aborted) {
      hard.abort(signal);
      return;
    }
    say('\nfinishing the running step, then stopping; once more stops now, wherever it is');
    soft.abort(signal);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signals: { soft: soft.signal, hard: hard.signal },
    [Symbol.dispose]() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
