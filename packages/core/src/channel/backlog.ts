// What dead writers left: their folders are adopted and their segments read through, one after the other and without making
// the thread wait. Events can be sent as soon as they are found.

import type { Disk } from './disk.ts';
import { diskErrorCode } from './disk.ts';
import { headerBytes, headerVersion, parseSegmentName, segmentVersion } from './segment.ts';
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

export class Backlog {
  readonly #disk: Disk;
  readonly #spool: Spool;
  readonly #listener: BacklogListener;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(disk: Disk, spool: Spool, listener: BacklogListener) {
    this.#disk = disk;
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
    await this.#running;
  }

  async #look(): Promise<void> {
    for (const folder of await this.#spool.adopt()) {
      this.#spool.hold(folder);
      for (const name of namesIn(this.#disk, folder)) {
        if (this.#closed) return;
        const identity = parseSegmentName(name);
        if (identity === undefined) continue;
        const path = `${folder}/${name}`;
        let segment: SegmentFile;
        let settled: readonly IndexRange[];
        try {
          const header = fileBytes(this.#disk, path, headerBytes);
          const version = headerVersion(header);
          if (version !== undefined && version !== segmentVersion) {
            this.#spool.setAside(folder, name, `it has format version ${version}, this is ${segmentVersion}`);
            continue;
          }
          const acks = this.#acks(acksPath(path));
          const size = this.#disk.lstatSync(path).size;
          segment = SegmentFile.found(this.#disk, folder, identity, size, acks?.length);
          segment.isDamaged = version === undefined && size > headerBytes;
          this.#spool.adopted(segment);
          settled = acks === undefined ? [] : readAcks(acks, identity.salt);
        } catch (error) {
          this.#spool.setAside(folder, name, `it cannot be read: ${diskErrorCode(error)}`);
          continue;
        }
        await this.#read(segment, settled);
      }
      this.#spool.release(folder);
    }
  }

  #acks(path: string): Buffer | undefined {
    try {
      return fileBytes(this.#disk, path, maxAckBytes);
    } catch {
      return undefined;
    }
  }

  async #read(segment: SegmentFile, settled: readonly IndexRange[]): Promise<void> {
    const { path, salt, size } = segment;
    // A damaged header may have lost bytes. A file that is no longer than one never had a record.
    const from = segment.isDamaged ? 0 : Math.min(headerBytes, size);
    const unsettled = new Unsettled(settled);
    // A file of its own: the segment's may be closed between two chunks.
    let file: number | undefined;
    try {
      file = readableFile(this.#disk, path);
      await this.#readRecords(segment, new SegmentReader(this.#disk, file, salt, from, 0, size), unsettled);
    } catch {
      // What was found before is delivered, and the rest kept.
      segment.isDamaged = true;
    } finally {
      if (file !== undefined) this.#disk.closeSync(file);
      this.#listener.pause();
      segment.isSealed = true;
      if (segment.pending === 0 && !this.#closed) this.#spool.discard(segment);
    }
  }

  async #readRecords(segment: SegmentFile, reader: SegmentReader, unsettled: Unsettled): Promise<void> {
    let expected = 0;
    for (;;) {
      const record = reader.next();
      if (record === 'more') {
        this.#listener.pause();
        await reader.fillSoon();
        if (this.#closed) return;
        continue;
      }
      if (record === undefined) break;
      if (record.skippedBytes > 0 || record.index > expected) {
        segment.isDamaged = true;
        this.#listener.lost(segment, unsettled.count(expected, record.index));
      }
      if (unsettled.count(record.index, record.index + 1) === 1) this.#listener.found(segment, record);
      expected = record.index + 1;
    }
    if (reader.segmentEnd !== 'damaged') return;
    segment.isDamaged = true;
    // How many there were nobody knows: one at least.
    this.#listener.lost(segment, unsettled.count(expected, expected + 1));
  }
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
