// Time and chance, passed in so that a test can replay any hour of any outage.

import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds on a clock that never jumps; its zero means nothing. */
  now(): number;
  /** Calls back once after `delayMs`. Does not keep the process alive unless `hold` is set. */
  after(delayMs: number, callback: () => void, options?: { hold?: boolean }): Timer;
  /** Calls back in a later turn of the event loop, after what the sockets have received by now was read. */
  soon(callback: () => void): void;
}

/** A number in [0, 1). */
export type Random = () => number;

// A longer one would be taken for 1 ms.
const longestDelayMs = 0x7fff_ffff;

// Taken when this is loaded: an application's tests put other timers into their place (Jest, Sinon), which nobody moves on
// while a flush waits. From the modules, since the globals may be replaced already.
const { setTimeout, clearTimeout, setImmediate } = timers;
const now = performance.now.bind(performance);

export const systemClock: Clock = {
  now,
  after(delayMs, callback, options) {
    const timer = setTimeout(callback, Math.min(delayMs, longestDelayMs));
    if (options?.hold !== true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  soon(callback) {
    // Not unref'd: that would let the event loop sleep before it, and it lasts only one turn anyway.
    setImmediate(callback);
  },
};

/** Waits for `reached`, `timeoutMs` at most; keeps the process alive meanwhile. */
export async function within(clock: Clock, timeoutMs: number, reached: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const hold = clock.after(timeoutMs, resolve, { hold: true });
    void reached.then(() => {
      hold.cancel();
      resolve();
    });
  });
}
