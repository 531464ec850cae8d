// The bytes that were written last, still in memory: records are encoded here, written from here, and as a rule sent from
// here, so that a healthy agent never makes the disk read. Bounded; older records are read back from their segment.

import type { HeldSegment } from './held-segment.ts';

interface Block {
  readonly buffer: Buffer;
  readonly segment: HeldSegment;
  /** The file's offset of the buffer's first byte. */
  readonly offset: number;
  used: number;
}

/** Where records can be encoded. */
export interface Slot {
  readonly buffer: Buffer;
  readonly at: number;
}

const maxBlockBytes = 256 * 1024;
const maxWindowBytes = 4 * 1024 * 1024;

export class WriteWindow {
  /** In the order of writing; the last is written to. No record crosses from one into the next. */
  #blocks: Block[] = [];
  #spare: Buffer | undefined;
  #bytes = 0;
  readonly #blockBytes: number;

  /** @param segmentBytes of a segment, as a rule */
  constructor(segmentBytes: number) {
    this.#blockBytes = Math.min(maxBlockBytes, segmentBytes);
  }

  /** Most bytes of a record that have to be known only roughly. */
  get roughBytes(): number {
    return this.#blockBytes;
  }

  /** Room for `bytes` at the end of the segment. */
  slot(segment: HeldSegment, bytes: number): Slot {
    let block = this.#blocks[this.#blocks.length - 1];
    if (block === undefined || block.segment !== segment || block.used + bytes > block.buffer.length) {
      const buffer =
        bytes <= this.#blockBytes ? (this.#spare ?? Buffer.allocUnsafeSlow(this.#blockBytes)) : Buffer.alloc(bytes);
      this.#spare = undefined;
      block = { buffer, segment, offset: segment.size, used: 0 };
      this.#blocks.push(block);
      this.#bytes += buffer.length;
      while (this.#bytes > maxWindowBytes && this.#blocks.length > 1) this.#forget(this.#blocks.shift());
    }
    return { buffer: block.buffer, at: block.used };
  }

  /** The records that were encoded in the slot are written. */
  keep(bytes: number): void {
    (this.#blocks[this.#blocks.length - 1] as Block).used += bytes;
  }

  /** Whole records from this offset of the segment on, where they are still here. */
  at(segment: HeldSegment, offset: number): Buffer | undefined {
    for (const { segment: owner, buffer, offset: from, used } of this.#blocks) {
      if (owner === segment && from <= offset && offset < from + used) return buffer.subarray(offset - from, used);
    }
    return undefined;
  }

  /** The segment is gone. */
  forget(segment: HeldSegment): void {
    this.#blocks = this.#blocks.filter((block) => {
      if (block.segment !== segment) return true;
      this.#forget(block);
      return false;
    });
  }

  #forget(block: Block | undefined): void {
    if (block === undefined) return;
    this.#bytes -= block.buffer.length;
    if (block.buffer.length === this.#blockBytes) this.#spare = block.buffer;
  }
}
