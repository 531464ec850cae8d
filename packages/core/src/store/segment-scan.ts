// Reads a segment from its beginning to its end, together with its acknowledgements: which events are still to be
// delivered, and where it is damaged.

import { type Disk, diskErrorCode, tolerate } from '../disk.ts';
import { fileBytes, readableFile } from '../private-file.ts';
import { headerBytes, headerTime, headerVersion, type SegmentIdentity, segmentVersion } from './segment.ts';
import { AckReader, acksPath, Unsettled } from './segment-acks.ts';
import { type FoundRecord, SegmentReader } from './segment-reader.ts';

export type ScanStep =
  | { readonly tag: 'event'; readonly record: FoundRecord; readonly isSettled: boolean }
  /** Bytes that are no record, and how many events went with them that were to be delivered. */
  | { readonly tag: 'damage'; readonly at: number; readonly bytes: number; readonly events: number }
  /** The last record was not written to its end. */
  | { readonly tag: 'torn'; readonly at: number; readonly bytes: number };

const maxAckBytes = 16 * 1024 * 1024;

export class SegmentScan {
  /** Of the format; undefined where the header is damaged. */
  readonly version: number | undefined;
  /** When the segment was begun, in ms since the epoch; undefined where the header is damaged. */
  readonly createdMs: number | undefined;
  /** The file's bytes when it was opened. */
  readonly size: number;
  /** The acknowledgements' file; undefined where there is none. */
  readonly acks: Buffer | undefined;
  readonly #disk: Disk;
  readonly #file: number;
  readonly #reader: SegmentReader;
  readonly #acks: AckReader;
  readonly #unsettled: Unsettled;
  /** The index of the next record. */
  #expected = 0;
  /** Found behind damage. */
  #held: ScanStep | undefined;
  #isAtEnd = false;

  /** @throws what the disk throws */
  constructor(disk: Disk, path: string, { salt }: SegmentIdentity) {
    this.#disk = disk;
    const header = fileBytes(disk, path, headerBytes);
    this.version = headerVersion(header);
    this.createdMs = this.version === undefined ? undefined : headerTime(header);
    // Before the segment, to which a writer that lives may add meanwhile.
    this.acks = acksOf(disk, acksPath(path));
    this.#acks = new AckReader(this.acks ?? Buffer.alloc(0), salt);
    this.#unsettled = new Unsettled(this.#acks.ranges);
    // A file of its own: the segment's may be closed between two chunks.
    this.#file = readableFile(disk, path);
    try {
      this.size = disk.fstatSync(this.#file).size;
    } catch (error) {
      this.close();
      throw error;
    }
    // A damaged header may have lost bytes. A file that is no longer than one never had a record.
    const from = this.isHeaderDamaged ? 0 : Math.min(headerBytes, this.size);
    this.#reader = new SegmentReader(disk, { handle: this.#file, salt, from, nextIndex: 0, end: this.size });
  }

  /** Of a later version, and not to be read. */
  get isForeign(): boolean {
    return this.version !== undefined && this.version !== segmentVersion;
  }

  get isHeaderDamaged(): boolean {
    return this.version === undefined && this.size > headerBytes;
  }

  /** Reads a part of the acknowledgements, all of which are needed before an event is. @returns whether that was the last */
  readAcks(): boolean {
    return this.#acks.read();
  }

  /** The next thing in the file; `'more'` where it has to be filled first; undefined at the end. */
  next(): ScanStep | 'more' | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) return held;
    while (!this.readAcks());
    const record = this.#reader.next();
    if (record === 'more') return record;
    if (record === undefined) return this.#end();
    const { index, start, skippedBytes } = record;
    const from = this.#expected;
    this.#expected = index + 1;
    const lost = index > from ? this.#unsettled.count({ from, to: index }) : 0;
    const isSettled = this.#unsettled.count({ from: index, to: index + 1 }) === 0;
    const event: ScanStep = { tag: 'event', record, isSettled };
    if (skippedBytes === 0 && index === from) return event;
    this.#held = event;
    return { tag: 'damage', at: start - skippedBytes, bytes: skippedBytes, events: lost };
  }

  /** Reads on. @throws what the disk throws; then it can be tried again */
  fillSoon(): Promise<void> {
    return this.#reader.fillSoon();
  }

  /** Reads on. What the disk cannot read counts as damage. */
  fillAround(): void {
    this.#reader.fillAround();
  }

  /** Of the event that `next` gave last, encoded. Valid until it is filled again. */
  payload(record: FoundRecord): Buffer {
    return this.#reader.payload(record);
  }

  close(): void {
    tolerate(() => this.#disk.closeSync(this.#file));
  }

  #end(): ScanStep | undefined {
    if (this.#isAtEnd) return undefined;
    this.#isAtEnd = true;
    const bytes = this.#reader.tailBytes;
    const at = this.size - bytes;
    if (this.#reader.segmentEnd === 'torn') return { tag: 'torn', at, bytes };
    if (this.#reader.segmentEnd === 'clean') return undefined;
    // How many there were nobody knows: one at least.
    const events = this.#unsettled.count({ from: this.#expected, to: this.#expected + 1 });
    return { tag: 'damage', at, bytes, events };
  }
}

/** @throws where it cannot be read now: without it events would be sent twice */
function acksOf(disk: Disk, path: string): Buffer | undefined {
  try {
    return fileBytes(disk, path, maxAckBytes);
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(diskErrorCode(error)) || !('code' in (error as Error))) return undefined;
    throw error;
  }
}
