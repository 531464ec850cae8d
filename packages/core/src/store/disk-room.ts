// How much the file system still gives. It is asked now and then, since that costs more than a write.

import type { Clock } from '../clock.ts';
import type { Disk } from './disk.ts';

// It is asked after so many bytes, and as often where there was too little.
const measureBytes = 1024 * 1024;
const measureMs = 100;

export class DiskRoom {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #dir: string;
  readonly #minFreeBytes: number;
  /** Bytes above minFreeBytes when it was asked. */
  #freeBytes = 0;
  /** Bytes that may be written before it is asked again. */
  #credit = 0;
  #measureAt = 0;

  constructor(disk: Disk, clock: Clock, dir: string, minFreeBytes: number) {
    this.#disk = disk;
    this.#clock = clock;
    this.#dir = dir;
    this.#minFreeBytes = minFreeBytes;
  }

  /** So many bytes can be written, and minFreeBytes stay free. */
  has(bytes: number): boolean {
    // With nothing to keep free, the disk itself says when it is full.
    if (this.#minFreeBytes === 0) return true;
    if (bytes > this.#credit && this.#clock.now() >= this.#measureAt) this.#measure(bytes);
    return bytes <= this.#credit;
  }

  /** The same, once files of `ownBytes` are deleted. */
  couldHave(bytes: number, ownBytes: number): boolean {
    return this.#minFreeBytes === 0 || this.#freeBytes + ownBytes >= bytes;
  }

  took(bytes: number): void {
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
      const { bavail, bsize } = this.#disk.statfsSync(this.#dir);
      this.#freeBytes = bavail * bsize - this.#minFreeBytes;
    } catch {
      // Then writing says what is wrong.
      this.#freeBytes = Number.MAX_SAFE_INTEGER;
    }
    this.#credit = Math.min(this.#freeBytes, Math.max(measureBytes, bytes));
    if (bytes > this.#credit) this.#measureAt = this.#clock.now() + measureMs;
  }
}
