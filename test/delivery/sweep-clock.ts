// The clock of the byte sweep: time is real, but patience (the timeouts for a connection and for an answer) ends on the
// first connection when the test says that it has stalled, and not before. So a busy machine cannot make a timeout of its
// own, and no case waits for one.

import { type Clock, systemClock, type Timer } from '../../packages/core/src/clock.ts';
import { dial } from '../../packages/core/src/rpc/dial.ts';
import type { Dial } from '../../packages/core/src/rpc/socket.ts';

/** Give this to connectTimeoutMs and requestTimeoutMs: the clock knows them by it. */
export const patienceMs = 20_011;

export class SweepClock implements Clock {
  readonly #waiting = new Set<() => void>();
  #dialed = 0;
  #stalled = false;

  readonly dial: Dial = (endpoint, connectTimeoutMs) => {
    this.#dialed += 1;
    return dial(endpoint, connectTimeoutMs);
  };

  /** The first connection has stalled: patience with it is over, now and later. */
  stalled(): void {
    this.#stalled = true;
    for (const callback of this.#waiting) setTimeout(callback, 1);
    this.#waiting.clear();
  }

  now(): number {
    return systemClock.now();
  }

  soon(callback: () => void): void {
    systemClock.soon(callback);
  }

  after(delayMs: number, callback: () => void, options?: { hold?: boolean }): Timer {
    if (delayMs !== patienceMs || this.#dialed > 1) return systemClock.after(delayMs, callback, options);
    if (this.#stalled) return systemClock.after(1, callback, options);
    this.#waiting.add(callback);
    return { cancel: () => this.#waiting.delete(callback) };
  }
}
