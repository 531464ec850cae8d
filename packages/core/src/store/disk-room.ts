// How much room there is: what maxBytes leaves, and what the file system still gives. That is asked now and then, since asking
// costs more than a write.

import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';

// It is asked after so many bytes, and as often where there was too little.
const measureBytes = 1024 * 1024;
const measureMs = 100;
const othersPart = 1 / 2;

export interface SpoolBounds {
  readonly dir: string;
  /** Most bytes on disk. */
  readonly maxBytes: number;
  /** Bytes that the file system keeps for others. */
  readonly minFreeBytes: number;
}

export class DiskRoom {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #bounds: SpoolBounds;
  /** Bytes on disk. */
  #bytes = 0;
  /** Bytes above minFreeBytes when it was asked. */
  #freeBytes = 0;
  /** Bytes that may be written before it is asked again. */
  #credit = 0;
  #measureAt = 0;

  constructor(disk: Disk, clock: Clock, bounds: SpoolBounds) {
    this.#disk = disk;
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /** So many bytes more can be written, in this part of maxBytes, and minFreeBytes stay free. */
  has(bytes: number, part = 1): boolean {
    if (this.#bytes + bytes > this.#bounds.maxBytes * part) return false;
    // With nothing to keep free, the disk itself says when it is full.
    if (this.#bounds.minFreeBytes === 0) return true;
    if (bytes > this.#credit && this.#clock.now() >= this.#measureAt) this.#measure(bytes);
    return bytes <= this.#credit;
  }

  /** The same, if all on disk were given up. */
  couldHave(bytes: number): boolean {
    const { maxBytes, minFreeBytes } = this.#bounds;
    return bytes <= maxBytes && (minFreeBytes === 0 || this.#freeBytes + this.#bytes >= bytes);
  }

  /** Of what others have written, so many bytes more can be taken over; the rest of maxBytes is for new events. */
  hasForOthers(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bounds.maxBytes * othersPart;
  }

  /** So many bytes more, or less, are on disk. */
  changed(bytes: number): void {
    this.#bytes += bytes;
  }

  took(bytes: number): void {
    this.#bytes += bytes;
    this.#credit -= bytes;
    this.#freeBytes -= bytes;
  }

  /** A file was deleted. */
  freed(): void {
    this.#credit = 0;
    this.#measureAt = 0;
  }

  #measure(bytes: number): void {
    try {
      const { bavail, bsize } = this.#disk.statfsSync(this.#bounds.dir);
      this.#freeBytes = bavail * bsize - this.#bounds.minFreeBytes;
    } catch {
      // Then writing says what is wrong.
      this.#freeBytes = Number.MAX_SAFE_INTEGER;
    }
    this.#credit = Math.min(this.#freeBytes, Math.max(measureBytes, bytes));
    if (bytes > this.#credit) this.#measureAt = this.#clock.now() + measureMs;
  }
}
