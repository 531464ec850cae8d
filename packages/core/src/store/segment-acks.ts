// Which records of a segment are settled, in a file beside it that is written at its end only:
//
//   acks  = entry*
//   entry = from u32, to u32      records of these indices, `to` not included
//           crc u32               CRC-32 of the 8 bytes before, begun with the segment's salt
//
// An entry is written when a batch is settled and never forced to the disk: what is lost of it is sent twice, no more.

import { crc32 } from 'node:zlib';
import { type Disk, isRemoved, tolerate } from '../disk.ts';
import { privateFile } from '../private-file.ts';

/** Where the acknowledgements of a segment are. */
export function acksPath(segmentPath: string): string {
  return segmentPath.replace(/\.seg$/, '.ack');
}

/** Records of these indices, `to` not included. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

const entryBytes = 12;

export class SegmentAcks {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #salt: number;
  #file: number | undefined;
  /** On a full disk a file may exist and have no bytes. */
  #exists: boolean;
  #bytes: number;
  /** Not in the file yet, since the disk refused. */
  #unwritten: IndexRange[] = [];

  /** @param bytes those that the file has; undefined where there is none */
  constructor(disk: Disk, path: string, salt: number, bytes: number | undefined) {
    this.#disk = disk;
    this.#path = path;
    this.#salt = salt;
    this.#exists = bytes !== undefined;
    this.#bytes = Math.floor((bytes ?? 0) / entryBytes) * entryBytes;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes what is settled; where the disk refuses, with the next. Never throws. */
  add(range: IndexRange): void {
    this.#unwritten.push(range);
    tolerate(() => {
      this.#file ??= privateFile(this.#disk, this.#path, this.#exists ? 'old' : 'new');
      this.#exists = true;
      const entries = Buffer.concat(this.#unwritten.map((one) => this.#entry(one)));
      const written = this.#disk.writeSync(this.#file, entries, 0, entries.length, this.#bytes);
      const whole = Math.floor(written / entryBytes);
      this.#bytes += whole * entryBytes;
      this.#unwritten = this.#unwritten.slice(whole);
    });
    if (this.#unwritten.length > maxUnwritten) this.#unwritten = [];
  }

  /** Closes the file. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) tolerate(() => this.#disk.closeSync(file));
  }

  /** @returns false where the disk keeps them */
  remove(): boolean {
    this.close();
    return !this.#exists || isRemoved(this.#disk, this.#path);
  }

  #entry({ from, to }: IndexRange): Buffer {
    const entry = Buffer.alloc(entryBytes);
    entry.writeUInt32BE(from, 0);
    entry.writeUInt32BE(to, 4);
    entry.writeUInt32BE(crc32(entry.subarray(0, 8), this.#salt), 8);
    return entry;
  }
}

// On a disk that refuses for long; then these are sent twice after a restart.
const maxUnwritten = 10_000;

// Read in one go: a millisecond's worth. A segment of small events, settled one by one, has a hundred thousand.
const entriesInOneGo = 2_000;

/** The settled ranges of a file's bytes, read a part at a time. Entries that are not intact count as not written. */
export class AckReader {
  readonly #bytes: Buffer;
  readonly #salt: number;
  #at = 0;
  /** In order and without overlap. */
  readonly ranges: { from: number; to: number }[] = [];

  constructor(bytes: Buffer, salt: number) {
    this.#bytes = bytes;
    this.#salt = salt;
  }

  /** @returns whether all is read */
  read(): boolean {
    const bytes = this.#bytes;
    const end = Math.min(this.#at + entriesInOneGo * entryBytes, bytes.length - (bytes.length % entryBytes));
    for (; this.#at < end; this.#at += entryBytes) {
      const at = this.#at;
      const [from, to] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
      if (crc32(bytes.subarray(at, at + 8), this.#salt) === bytes.readUInt32BE(at + 8) && from < to)
        this.#add(from, to);
    }
    return bytes.length - end < entryBytes;
  }

  /** Batches in flight end in about the order of their events: so its place is near the end. */
  #add(from: number, to: number): void {
    const { ranges } = this;
    let end = ranges.length;
    while (end > 0 && (ranges[end - 1] as IndexRange).from > to) end -= 1;
    let start = end;
    while (start > 0 && (ranges[start - 1] as IndexRange).to >= from) start -= 1;
    const [first, last] = [ranges[start], ranges[end - 1]];
    if (start === end || first === undefined || last === undefined) {
      ranges.splice(start, 0, { from, to });
    } else {
      // One for those that it touches.
      first.from = Math.min(first.from, from);
      first.to = Math.max(last.to, to);
      ranges.splice(start + 1, end - start - 1);
    }
  }
}

/** How many of the next records are not settled. Asked in the order of their indices. */
export class Unsettled {
  readonly #settled: readonly IndexRange[];
  #at = 0;

  constructor(settled: readonly IndexRange[]) {
    this.#settled = settled;
  }

  count({ from, to }: IndexRange): number {
    let count = to - from;
    for (; this.#at < this.#settled.length; this.#at++) {
      const range = this.#settled[this.#at] as IndexRange;
      count -= Math.max(0, Math.min(to, range.to) - Math.max(from, range.from));
      if (range.to > to) break;
    }
    return count;
  }
}
