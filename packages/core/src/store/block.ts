// A block of the memory store's log: encoded events, one after the other, and where each of them starts.

export class Block {
  readonly buffer: Buffer;
  /** Of its first byte in the log. */
  position = 0;
  /** The first event that starts in this block, or would: it may lie whole within one event. */
  firstIndex = 0;
  /** Where each event that starts in this block does, from the block's start. */
  starts: Uint32Array = new Uint32Array(256);
  startCount = 0;
  used = 0;
  freedBytes = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafeSlow(size);
  }

  open(position: number, firstIndex: number): void {
    this.position = position;
    this.firstIndex = firstIndex;
    this.used = 0;
    this.freedBytes = 0;
    this.startCount = 0;
  }

  /** Makes room for one more start. */
  reserveStart(): void {
    if (this.startCount < this.starts.length) return;
    const grown = new Uint32Array(2 * this.starts.length);
    grown.set(this.starts);
    this.starts = grown;
  }
}
