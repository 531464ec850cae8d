// Who waits for events to leave the channel: each flush for those that were put before it.

import type { Channel } from '../channel/channel.ts';

export interface FlushPoint {
  /** Events of before the flush that are still queued. */
  readonly pending: number;
  /** Resolves when there are none, or nobody will deliver them. */
  readonly reached: Promise<void>;
  /** Nobody waits any more. */
  leave(): void;
}

interface Waiting {
  readonly upTo: number;
  pending: number;
  readonly reach: () => void;
}

export class FlushPoints {
  readonly #waiting = new Set<Waiting>();
  #closed = false;

  add(channel: Channel): FlushPoint {
    let reach: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const waiting: Waiting = { upTo: channel.tail, pending: channel.queuedEvents, reach };
    if (waiting.pending === 0 || this.#closed) reach();
    else this.#waiting.add(waiting);
    return {
      get pending() {
        return waiting.pending;
      },
      reached,
      leave: () => this.#waiting.delete(waiting),
    };
  }

  /** Events that are queued now stay so: nobody needs to wait for them. */
  close(): void {
    this.#closed = true;
    for (const { reach } of this.#waiting) reach();
    this.#waiting.clear();
  }

  /** Events of these ordinals have left the channel. */
  settled(from: number, to: number): void {
    for (const waiting of this.#waiting) {
      const before = Math.min(to, waiting.upTo) - from;
      if (before <= 0) continue;
      waiting.pending -= before;
      if (waiting.pending > 0) continue;
      this.#waiting.delete(waiting);
      waiting.reach();
    }
  }
}
