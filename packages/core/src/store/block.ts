// A block of the memory channel's log: encoded events, one after the other, and where each of them starts.

export class Block {
  readonly buffer: Buffer;
  position = 0;
  /** The first event that starts in this block, or would: it may lie whole within one event. */
  firstOrdinal = 0;
  /** Where each event that starts in this block does, from the block's start. */
  starts = new Uint32Array(256);
  used = 0;
  settledBytes = 0;
  #startCount = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafeSlow(size);
  }

  open(position: number, firstOrdinal: number): void {
    this.position = position;
    this.firstOrdinal = firstOrdinal;
    this.used = 0;
    this.settledBytes = 0;
    this.#startCount = 0;
  }

  addStart(offset: number): void {
    if (this.#startCount === this.starts.length) {
      const grown = new Uint32Array(2 * this.starts.length);
      grown.set(this.starts);
      this.starts = grown;
    }
    this.starts[this.#startCount++] = offset;
  }
}
