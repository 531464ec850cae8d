// On request only: what is queued is delivered before a signal ends the process. Nothing here runs unless it is called.

import { writeStderr } from './process-exit.ts';

export interface ShutdownSignalOptions {
  /** The signals that are waited for. @default ['SIGTERM', 'SIGINT'] */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Milliseconds after which the process ends whether `close` is done or not. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * Calls `close` when a signal comes, then ends the process by that same signal, so that whoever sent it sees the usual exit
 * status. A second signal ends it at once.
 *
 * @param close what must be done before the end; a rejection is written to stderr and ends nothing earlier
 * @returns a function that takes the signal handlers away again
 *
 * @example
 * installShutdown(() => agent.close());
 */
export function installShutdown(close: () => unknown, options: ShutdownSignalOptions = {}): () => void {
  const { signals = ['SIGTERM', 'SIGINT'], timeoutMs = 10_000 } = options;
  let begun = false;
  const uninstall = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const end = (signal: NodeJS.Signals): void => {
    uninstall();
    process.kill(process.pid, signal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (begun) {
      end(signal);
      return;
    }
    begun = true;
    const timer = setTimeout(() => end(signal), timeoutMs);
    Promise.resolve()
      .then(close)
      .catch((error: unknown) => writeStderr(`flume: the shutdown failed: ${String(error)}`))
      .finally(() => {
        clearTimeout(timer);
        end(signal);
      });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return uninstall;
}
