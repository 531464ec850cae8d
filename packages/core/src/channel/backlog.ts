// What dead writers left: their folders are adopted and their segments read through, one after the other and without making
// the thread wait. Events can be sent as soon as they are found.

import type { Clock } from '../clock.ts';
import type { Disk } from './disk.ts';
import { diskErrorCode } from './disk.ts';
import { headerBytes, headerVersion, parseSegmentName, type SegmentIdentity, segmentVersion } from './segment.ts';
import { type IndexRange, readAcks } from './segment-acks.ts';
import { acksPath, SegmentFile } from './segment-file.ts';
import { type FoundRecord, SegmentReader } from './segment-reader.ts';
import type { Spool } from './spool.ts';
import { fileBytes, namesIn, readableFile } from './spool-file.ts';

export interface BacklogListener {
  /** An event that is still to be delivered. */
  found(segment: SegmentFile, record: FoundRecord): void;
  /** So many that were to be delivered cannot be read. */
  lost(segment: SegmentFile, count: number): void;
  /** For now that is all: the rest has to be read first. */
  pause(): void;
}

const maxAckBytes = 16 * 1024 * 1024;
// Errors that may be over in a moment.
const passing = new Set(['EAGAIN', 'EBUSY', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE', 'ETIMEDOUT']);
const maxTries = 10;
const pauseMs = 500;

export class Backlog {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #spool: Spool;
  readonly #listener: BacklogListener;
  #running: Promise<void> | undefined;
  #again = false;
  #wake: () => void = () => {};
  #closed = false;

  constructor(disk: Disk, clock: Clock, spool: Spool, listener: BacklogListener) {
    this.#disk = disk;
    this.#clock = clock;
    this.#spool = spool;
    this.#listener = listener;
  }

  /** Looks for folders of dead writers, and reads them. Never rejects. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#again = this.#running !== undefined;
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
      if (this.#again) void this.look();
    });
    return this.#running;
  }

  /** Stops at the next chunk. Resolves when it has. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
  }

  async #look(): Promise<void> {
    for (const folder of await this.#spool.adopt()) {
      this.#spool.hold(folder);
      for (const name of namesIn(this.#disk, folder)) {
        const identity = parseSegmentName(name);
        if (identity === undefined) continue;
        try {
          const found = await this.#patiently(() => this.#find(folder, name, identity));
          if (found !== undefined) await this.#read(found);
        } catch (error) {
          if (!this.#closed) this.#spool.setAside(folder, name, `it cannot be read: ${diskErrorCode(error)}`);
        }
        if (this.#closed) return;
      }
      this.#spool.release(folder);
    }
  }

  /** @returns undefined where it is of another version, and put aside. @throws what the disk throws */
  #find(folder: string, name: string, identity: SegmentIdentity): Found | undefined {
    const path = `${folder}/${name}`;
    const version = headerVersion(fileBytes(this.#disk, path, headerBytes));
    if (version !== undefined && version !== segmentVersion) {
      this.#spool.setAside(folder, name, `it has format version ${version}, this is ${segmentVersion}`);
      return undefined;
    }
    const acks = this.#acks(acksPath(path));
    const size = this.#disk.lstatSync(path).size;
    // A file of its own: the segment's may be closed between two chunks.
    const file = readableFile(this.#disk, path);
    const segment = SegmentFile.found(this.#disk, folder, identity, size, acks?.length);
    segment.isDamaged = version === undefined && size > headerBytes;
    this.#spool.adopted(segment);
    return { segment, file, unsettled: new Unsettled(acks === undefined ? [] : readAcks(acks, identity.salt)) };
  }

  #acks(path: string): Buffer | undefined {
    try {
      return fileBytes(this.#disk, path, maxAckBytes);
    } catch {
      return undefined;
    }
  }

  async #read({ segment, file, unsettled }: Found): Promise<void> {
    const { salt, size } = segment;
    // A damaged header may have lost bytes. A file that is no longer than one never had a record.
    const from = segment.isDamaged ? 0 : Math.min(headerBytes, size);
    const reader = new SegmentReader(this.#disk, file, salt, from, 0, size);
    let isWhole = true;
    try {
      isWhole = await this.#readRecords(segment, reader, unsettled);
    } catch {
      // What was found before is delivered, and the rest kept.
      segment.isDamaged = true;
    }
    this.#disk.closeSync(file);
    this.#listener.pause();
    // What was not read to its end is for the next process.
    if (!isWhole) return;
    segment.isSealed = true;
    if (segment.pending === 0) this.#spool.discard(segment);
  }

  /** @returns false where it was stopped. @throws what the disk throws, again and again */
  async #readRecords(segment: SegmentFile, reader: SegmentReader, unsettled: Unsettled): Promise<boolean> {
    let expected = 0;
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      if (record === 'more') {
        this.#listener.pause();
        await this.#patiently(() => reader.fillSoon());
        if (this.#closed) return false;
        continue;
      }
      if (record.skippedBytes > 0 || record.index > expected) {
        segment.isDamaged = true;
        this.#listener.lost(segment, unsettled.count(expected, record.index));
      }
      if (unsettled.count(record.index, record.index + 1) === 1) this.#listener.found(segment, record);
      expected = record.index + 1;
    }
    if (reader.segmentEnd === 'damaged') {
      segment.isDamaged = true;
      // How many there were nobody knows: one at least.
      this.#listener.lost(segment, unsettled.count(expected, expected + 1));
    }
    return true;
  }

  /** Tries again for some seconds what the disk refuses: too many open files, say, are no reason to give events up. */
  async #patiently<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (tries === maxTries || this.#closed || !passing.has(diskErrorCode(error))) throw error;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          this.#clock.after(pauseMs, resolve);
        });
      }
    }
  }
}

interface Found {
  readonly segment: SegmentFile;
  readonly file: number;
  readonly unsettled: Unsettled;
}

/** How many of the next indices are not settled. Asked in order. */
class Unsettled {
  readonly #settled: readonly IndexRange[];
  #at = 0;

  constructor(settled: readonly IndexRange[]) {
    this.#settled = settled;
  }

  count(from: number, to: number): number {
    let count = to - from;
    for (; this.#at < this.#settled.length; this.#at++) {
      const range = this.#settled[this.#at] as IndexRange;
      count -= Math.max(0, Math.min(to, range.to) - Math.max(from, range.from));
      if (range.to > to) break;
    }
    return count;
  }
}
