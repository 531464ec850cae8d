// The memory store: a log of encoded events in blocks of one size. An event may cross from one block into the next, so no
// room is wasted between them. Each event has an index and each byte a position, both counted from the start of the log; a
// block is freed when all of its bytes are, whatever the order.

import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import { type FixedHeaders, noRoom, type Protocol } from '../thrift/protocol.ts';
import { Block } from './block.ts';
import type { EventRange, Home } from './event-range.ts';
import type { Arrivals, Cut, Portion, Store } from './store.ts';

export interface MemoryBounds {
  /** Most events, those in flight included. */
  readonly capacity: number;
  /** Most encoded bytes, those in flight included. */
  readonly byteCapacity: number;
}

// Large enough that a block's own cost vanishes, small enough that an idle store is cheap.
const maxBlockBytes = 256 * 1024;
const minBlockBytes = 4 * 1024;
// Freed blocks that are kept for the next events.
const maxSpareBlocks = 8;
// Given up at a time for newer events: this part of the bounds.
const sacrificedPart = 1 / 16;

export class MemoryStore implements Store, Home {
  readonly headBytes = 0;
  readonly isLasting = false;
  readonly #protocol: Protocol;
  readonly #fixed: FixedHeaders;
  readonly #bounds: MemoryBounds;
  readonly #ledger: Arrivals;
  readonly #blockBytes: number;

  /** In order of position; the last is written to. */
  readonly #blocks: Block[] = [];
  readonly #spare: Block[] = [];
  #nextBlockPosition = 0;
  #tailIndex = 0;
  #tailPosition = 0;
  #events = 0;
  #bytes = 0;

  constructor(protocol: Protocol, fixedHeaders: HeaderList, bounds: MemoryBounds, ledger: Arrivals) {
    this.#protocol = protocol;
    this.#fixed = protocol.fixHeaders(fixedHeaders);
    this.#bounds = bounds;
    this.#ledger = ledger;
    const part = 2 ** Math.floor(Math.log2(bounds.byteCapacity / 16));
    this.#blockBytes = Math.min(maxBlockBytes, Math.max(minBlockBytes, part));
  }

  /** Memory held for events, spare blocks included. */
  get heldBytes(): number {
    return (this.#blocks.length + this.#spare.length) * this.#blockBytes;
  }

  put(headers: HeaderList, body: string | Uint8Array, part: number): DropReason | undefined {
    const block = this.#blocks[this.#blocks.length - 1];
    if (block === undefined) return this.#putAside(headers, body, part);
    // Written where it is to stand, before anyone knows how large it is: counting it first costs nearly as much.
    const end = this.#protocol.writeEvent(block.buffer, block.used, this.#fixed, headers, body);
    if (end === noRoom) return this.#putAside(headers, body, part);
    const size = end - block.used;
    if (this.#isFull(size, part)) return 'full';
    block.reserveStart();
    this.#ledger.added(this, this.#tailIndex, this.#tailPosition, size);
    // No call from here on, which at the end of the stack could throw half-way.
    block.starts[block.startCount++] = block.used;
    block.used = end;
    this.#tailIndex += 1;
    this.#tailPosition += size;
    this.#events += 1;
    this.#bytes += size;
    return undefined;
  }

  read(range: EventRange, maxEvents: number, maxBytes: number): Cut {
    const { count, bytes } = this.#cut(range, maxEvents, maxBytes);
    return { count, bytes, byteLength: bytes, views: this.#views(range.start, range.start + bytes) };
  }

  /** How many bytes each of the first events of a range has. */
  sizes(range: EventRange, maxEvents: number): number[] {
    let start = range.start;
    return Array.from({ length: Math.min(maxEvents, range.count) }, (_, at) => {
      const end = this.#startOf(range, at + 1);
      const size = end - start;
      start = end;
      return size;
    });
  }

  free({ start, count, bytes }: EventRange): void {
    this.#events -= count;
    this.#bytes -= bytes;
    let from = start;
    const to = start + bytes;
    for (let at = this.#blockAt(from); from < to; ) {
      const block = this.#blocks[at] as Block;
      const end = Math.min(to, block.position + this.#blockBytes);
      block.freedBytes += end - from;
      from = end;
      if (block.freedBytes === this.#blockBytes) this.#release(at);
      else at += 1;
    }
  }

  sacrifice(range: EventRange, size: number): Portion | undefined {
    const { capacity, byteCapacity } = this.#bounds;
    if (size > byteCapacity) return undefined;
    return this.#cut(range, Math.max(1, Math.floor(capacity * sacrificedPart)), byteCapacity * sacrificedPart);
  }

  #isFull(size: number, part: number): boolean {
    const { capacity, byteCapacity } = this.#bounds;
    return this.#events >= capacity * part || this.#bytes + size > byteCapacity * part;
  }

  /** The event does not fit into the last block, or there is none: encoded aside and copied in pieces. */
  #putAside(headers: HeaderList, body: string | Uint8Array, part: number): DropReason | undefined {
    const size = this.#protocol.eventSize(this.#fixed, headers, body);
    if (this.#isFull(size, part)) return 'full';
    const encoded = Buffer.allocUnsafe(size);
    this.#protocol.writeEvent(encoded, 0, this.#fixed, headers, body);
    const blocks = this.#blocks.length;
    const last = this.#blocks[blocks - 1];
    const used = last?.used ?? 0;
    try {
      const first = this.#writableBlock(this.#tailIndex);
      const start = first.used;
      first.reserveStart();
      for (let copied = 0; copied < size; ) {
        const block = this.#writableBlock(this.#tailIndex + 1);
        const length = encoded.copy(block.buffer, block.used, copied);
        block.used += length;
        copied += length;
      }
      this.#ledger.added(this, this.#tailIndex, this.#tailPosition, size);
      first.starts[first.startCount++] = start;
    } catch (error) {
      // The end of the stack: as if nothing had been tried.
      if (last !== undefined) last.used = used;
      this.#nextBlockPosition -= (this.#blocks.length - blocks) * this.#blockBytes;
      this.#blocks.length = blocks;
      throw error;
    }
    this.#tailIndex += 1;
    this.#tailPosition += size;
    this.#events += 1;
    this.#bytes += size;
    return undefined;
  }

  /** The largest portion from the range's beginning that has at most so much; one event at least. */
  #cut(range: EventRange, maxEvents: number, maxBytes: number): Portion {
    let high = Math.min(range.count, Math.floor(maxEvents));
    let bytes = this.#startOf(range, high) - range.start;
    if (bytes <= maxBytes) return { count: high, bytes };
    let low = 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#startOf(range, middle) - range.start <= maxBytes) low = middle;
      else high = middle - 1;
    }
    bytes = this.#startOf(range, low) - range.start;
    return { count: low, bytes };
  }

  /** Where the range's event `at` starts, or, at its count, where the range ends. */
  #startOf(range: EventRange, at: number): number {
    if (at === range.count) return range.start + range.bytes;
    const index = range.index + at;
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#blocks[middle] as Block).firstIndex <= index) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low] as Block;
    return block.position + (block.starts[index - block.firstIndex] as number);
  }

  #views(from: number, to: number): Uint8Array[] {
    const views: Uint8Array[] = [];
    for (let at = this.#blockAt(from); from < to; at++) {
      const block = this.#blocks[at] as Block;
      const end = Math.min(to, block.position + this.#blockBytes);
      views.push(block.buffer.subarray(from - block.position, end - block.position));
      from = end;
    }
    return views;
  }

  /** The place in the list of the block that has the byte at `position`. */
  #blockAt(position: number): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#blocks[middle] as Block).position <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #release(at: number): void {
    const [block] = this.#blocks.splice(at, 1);
    if (block !== undefined && this.#spare.length < maxSpareBlocks) this.#spare.push(block);
  }

  /** The last block, or where that is full a new one, in which the event `firstIndex` will be the first to start. */
  #writableBlock(firstIndex: number): Block {
    const last = this.#blocks[this.#blocks.length - 1];
    if (last !== undefined && last.used < this.#blockBytes) return last;
    const block = this.#spare.pop() ?? new Block(this.#blockBytes);
    block.open(this.#nextBlockPosition, firstIndex);
    this.#nextBlockPosition += this.#blockBytes;
    this.#blocks.push(block);
    return block;
  }
}
