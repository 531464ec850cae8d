// How much memory all connections together may hold in requests that are not answered yet.

export class MemoryBudget {
  readonly limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes `bytes` in place of what `before` was; false where that is more than there is, and then nothing has changed. */
  change(before: number, bytes: number): boolean {
    const used = this.#used - before + bytes;
    if (used > this.limit && bytes > before) return false;
    this.#used = used;
    return true;
  }
}
