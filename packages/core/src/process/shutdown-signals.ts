// On request only: what is queued is delivered before a signal ends the process. Nothing here runs unless it is called.

import { constants } from 'node:os';
import { thrownText } from '../shown-value.ts';
import { writeStderr } from './process-exit.ts';

export interface ShutdownSignalOptions {
  /** The signals that are waited for. @default ['SIGTERM', 'SIGINT'] */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Milliseconds after which the process ends whether `close` is done or not. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

// A signal that ends the process does so before this.
const endsWithinMs = 1_000;

/**
 * Calls `close` when a signal comes, then ends the process by that same signal, so that whoever sent it sees the usual exit
 * status. Where the signal alone would not end it (it is process 1, as in a container, or another part of the application
 * listens too) it exits with 128 plus the signal's number. A second signal ends it at once.
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
    const exit = (): never => process.exit(128 + constants.signals[signal]);
    // The kernel keeps signals without a handler from process 1, and a listener takes them from everybody else.
    if (process.pid === 1 || process.listenerCount(signal) > 0) exit();
    process.kill(process.pid, signal);
    setTimeout(exit, endsWithinMs);
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
      .catch((error: unknown) => writeStderr(`flume: the shutdown failed: ${thrownText(error)}`))
      .finally(() => {
        clearTimeout(timer);
        end(signal);
      });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return uninstall;
}
