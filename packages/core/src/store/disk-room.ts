// How much the file system still gives. It is asked now and then, since that costs more than a write.

import type { Clock } from '../clock.ts';
import type { Disk } from './disk.ts';

// It is asked after so many bytes, and as often where there is too little.
const measureBytes = 1024 * 1024;
const measureMs = 100;

export class DiskRoom {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #dir: string;
  readonly #minFreeBytes: number;
  /** Bytes that may be written before it is asked again. */
  #freeBytes = 0;
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
    if (bytes > this.#freeBytes) this.#measure();
    return bytes <= this.#freeBytes;
  }

  took(bytes: number): void {
    this.#freeBytes -= bytes;
  }

  /** A file was deleted. */
  freed(): void {
    this.#freeBytes = 0;
    this.#measureAt = 0;
  }

  #measure(): void {
    const now = this.#clock.now();
    if (now < this.#measureAt) return;
    this.#measureAt = now + measureMs;
    try {
      const { bavail, bsize } = this.#disk.statfsSync(this.#dir);
      const free = bavail * bsize - this.#minFreeBytes;
      this.#freeBytes = Math.min(free, Math.max(measureBytes, free / 16));
    } catch {
      // Then writing says what is wrong.
      this.#freeBytes = measureBytes;
    }
  }
}
