// Reads a segment from any place in it, 256 KiB at a time. What is no intact record is skipped, byte by byte, up to the
// next one that is, so that damage costs the events that it hit and no others.

import { type Disk, tolerate } from '../disk.ts';
import { isIntact, recordHeadBytes, recordIndex, recordLength } from './segment.ts';

export interface FoundRecord {
  readonly index: number;
  /** Where the record is in the file. */
  readonly start: number;
  readonly end: number;
  /** Bytes before it that are no record. */
  readonly skippedBytes: number;
}

/** The part of a segment that is to be read. */
export interface SegmentPart {
  /** The descriptor of its file. */
  readonly handle: number;
  readonly salt: number;
  /** Where a record is expected, and its index; no record of a smaller one is taken for intact. */
  readonly from: number;
  readonly nextIndex: number;
  /** The file's size, or less. */
  readonly end: number;
}

/** How a segment ends: behind a whole record, in one that was not written to its end, or in damage. */
export type SegmentEnd = 'clean' | 'torn' | 'damaged';

// One turn reads a chunk. In a young process, on code that is not compiled yet, this one takes 4 to 5 ms; 256 KiB took 8 to 15.
const chunkBytes = 64 * 1024;
// Bytes that a disk cannot read are lost a page at a time.
const pageBytes = 4 * 1024;
// More than the smallest records of a segment are.
const maxAhead = 2 ** 21;

export class SegmentReader {
  readonly #disk: Disk;
  readonly #file: number;
  readonly #salt: number;
  #end: number;
  #window: Buffer = Buffer.alloc(0);
  /** The file's offset of the window's first byte. */
  #base: number;
  #at = 0;
  #nextIndex: number;
  /** Where what is being skipped began. */
  #badFrom: number | undefined;
  #badIsZero = true;
  #tornFrom: number | undefined;

  constructor(disk: Disk, { handle, salt, from, nextIndex, end }: SegmentPart) {
    this.#disk = disk;
    this.#file = handle;
    this.#salt = salt;
    this.#base = from;
    this.#nextIndex = nextIndex;
    this.#end = end;
  }

  /** The next intact record; `'more'` where it has to be filled first; undefined at the end. */
  next(): FoundRecord | 'more' | undefined {
    for (;;) {
      const start = this.#base + this.#at;
      const left = this.#window.length - this.#at;
      if (this.#end - start < recordHeadBytes) return this.#finish();
      if (left < recordHeadBytes) return 'more';
      const length = recordLength(this.#window, this.#at);
      const size = recordHeadBytes + length;
      if (length > 0 && this.#isPlausible(recordIndex(this.#window, this.#at))) {
        if (start + size > this.#end) {
          this.#tornFrom ??= start;
        } else if (left < size) {
          return 'more';
        } else if (isIntact(this.#window, this.#at, this.#at + size, this.#salt)) {
          return this.#found(start, size);
        }
      }
      this.#skipByte(start);
    }
  }

  /** Reads on, without making this thread wait. @throws what the disk throws; then it can be tried again */
  async fillSoon(): Promise<void> {
    const { window, base, kept } = this.#grow();
    let filled = kept;
    for (let read = -1; filled < window.length && read !== 0; filled += read) {
      const at = filled;
      read = await new Promise<number>((resolve, reject) =>
        this.#disk.read(this.#file, window, at, window.length - at, base + at, (error, bytes) =>
          error === null ? resolve(bytes) : reject(error),
        ),
      );
    }
    this.#filled(window, base, filled);
  }

  /** The same at once. What the disk cannot read counts as zeros. */
  fillAround(): void {
    const { window, base, kept } = this.#grow();
    window.fill(0, kept);
    for (let at = kept, end = at; at < window.length; at = end) {
      end = Math.min(at + pageBytes - ((base + at) % pageBytes), window.length);
      tolerate(() => this.#disk.readSync(this.#file, window, at, end - at, base + at));
    }
    this.#filled(window, base, window.length);
  }

  /** The payload of the record that `next` found last. Valid until the window is filled again. */
  payload({ start, end }: FoundRecord): Buffer {
    return this.#window.subarray(start + recordHeadBytes - this.#base, end - this.#base);
  }

  /** After the end: what is behind the last intact record. */
  get segmentEnd(): SegmentEnd {
    if (this.#badFrom === undefined) return 'clean';
    return this.#badIsZero || this.#tornFrom === this.#badFrom ? 'torn' : 'damaged';
  }

  /** After the end: bytes behind the last intact record. */
  get tailBytes(): number {
    return this.#badFrom === undefined ? 0 : this.#end - this.#badFrom;
  }

  /** A new window: what of the old one was not read yet, and room for a chunk, or the whole record that begins there. */
  #grow(): { window: Buffer; base: number; kept: number } {
    const rest = this.#window.subarray(this.#at);
    const base = this.#base + this.#at;
    const record = rest.length >= recordHeadBytes ? recordHeadBytes + recordLength(rest, 0) : 0;
    const window = Buffer.allocUnsafeSlow(Math.min(Math.max(chunkBytes, record), this.#end - base));
    return { window, base, kept: rest.copy(window) };
  }

  // Only now, so that a disk that refused can be asked again.
  #filled(window: Buffer, base: number, filled: number): void {
    this.#base = base;
    this.#at = 0;
    this.#window = window.subarray(0, filled);
    // The file is shorter than it was.
    if (filled < window.length) this.#end = base + filled;
  }

  /** An index may be ahead, where records are missing, though not by more than a segment has. */
  #isPlausible(index: number): boolean {
    const ahead = index - this.#nextIndex;
    return ahead >= 0 && ahead < maxAhead;
  }

  #found(start: number, size: number): FoundRecord {
    const index = recordIndex(this.#window, this.#at);
    const skippedBytes = this.#badFrom === undefined ? 0 : start - this.#badFrom;
    this.#badFrom = undefined;
    this.#badIsZero = true;
    this.#tornFrom = undefined;
    this.#nextIndex = index + 1;
    this.#at += size;
    return { index, start, end: start + size, skippedBytes };
  }

  #skipByte(start: number): void {
    this.#badFrom ??= start;
    this.#badIsZero &&= this.#window[this.#at] === 0;
    this.#at += 1;
  }

  #finish(): undefined {
    const start = this.#base + this.#at;
    if (start < this.#end && this.#badFrom === undefined) {
      this.#badFrom = start;
      // Not even the head of a record.
      this.#tornFrom = start;
    }
    return undefined;
  }
}
