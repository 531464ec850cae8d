// Which lines of a chunk may have a key: one native search passes all those that have none, at a third of what a scan of
// them costs. It holds for lines as pino writes them, without spaces, and for any key but a line's first.

export class KeySearch {
  readonly #needle: Buffer;
  #chunk: Buffer | undefined;
  /** Where the key is next in the chunk, at or behind what has been asked for. */
  #next = 0;

  constructor(key: string) {
    this.#needle = Buffer.from(`,${JSON.stringify(key)}:`);
  }

  /**
   * Where the key is last between `start` and `end`, or -1: at the comma before it, in the record or in an object within.
   * Of a chunk, lines are to be asked for in their order.
   */
  last(chunk: Buffer, start: number, end: number): number {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#next = this.#find(chunk, start);
    }
    let last = -1;
    while (this.#next < end) {
      if (this.#next >= start) last = this.#next;
      this.#next = this.#find(chunk, Math.max(start, this.#next + 1));
    }
    return last;
  }

  /** Lets go of the chunk, whose owner may write the next one over it. */
  forget(): void {
    this.#chunk = undefined;
  }

  #find(chunk: Buffer, from: number): number {
    const at = chunk.indexOf(this.#needle, from);
    return at === -1 ? Infinity : at;
  }
}
