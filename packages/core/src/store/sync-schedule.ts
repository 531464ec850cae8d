// When the disk is told to keep what was written: at the end of the turn of the event loop, within an interval, or never.

import type { Clock, Timer } from '../clock.ts';

const intervalMs = 500;

export class SyncSchedule {
  readonly #fsync: 'always' | 'interval' | 'never';
  readonly #clock: Clock;
  readonly #syncAll: () => Promise<void>;
  #timer: Timer | undefined;
  #isDue = false;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** @param syncAll makes sure of what was written until now. Never rejects; not called while it runs */
  constructor(fsync: 'always' | 'interval' | 'never', clock: Clock, syncAll: () => Promise<void>) {
    this.#fsync = fsync;
    this.#clock = clock;
    this.#syncAll = syncAll;
  }

  /** Something was written. */
  wrote(): void {
    if (this.#isDue || this.#fsync === 'never') return;
    this.#isDue = true;
    const sync = (): void => {
      if (!this.#stopped) void this.now();
    };
    if (this.#fsync === 'always') this.#clock.soon(sync);
    else this.#timer = this.#clock.after(intervalMs, sync);
  }

  /** Resolves when all that was written before the call is made sure of. */
  async now(): Promise<void> {
    if (this.#fsync === 'never') return;
    this.#timer?.cancel();
    while (this.#running !== undefined) await this.#running;
    this.#isDue = false;
    this.#running = this.#syncAll();
    await this.#running;
    this.#running = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}
