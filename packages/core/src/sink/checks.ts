// Who waits until something holds looks again whenever something may have changed.

import { type Clock, within } from '../clock.ts';

export class Checks {
  readonly #clock: Clock;
  readonly #checks = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has changed. */
  run(): void {
    for (const check of this.#checks) check();
  }

  /** Waits until `holds`, which is asked at once and after each change; `timeoutMs` at most. Keeps the process alive. */
  until(timeoutMs: number, holds: () => boolean): Promise<void> {
    return this.#wait(timeoutMs, holds, true);
  }

  /** Waits for a change, `timeoutMs` at most. Keeps the process alive. */
  change(timeoutMs: number): Promise<void> {
    return this.#wait(timeoutMs, () => true, false);
  }

  async #wait(timeoutMs: number, holds: () => boolean, isAskedAtOnce: boolean): Promise<void> {
    let reach: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const check = (): void => {
      if (holds()) reach();
    };
    this.#checks.add(check);
    if (isAskedAtOnce) check();
    await within(this.#clock, timeoutMs, reached);
    this.#checks.delete(check);
  }
}
