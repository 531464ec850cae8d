// Cuts a batch from the beginning of a run of events: reads the records, checks those that come from the disk, and encodes
// anew those that were written in another protocol.

import type { Disk } from '../store/disk.ts';
import { isIntact, recordHeadBytes, recordIndex, recordLength } from '../store/segment.ts';
import type { SegmentFile } from '../store/segment-file.ts';
import { SegmentReader } from '../store/segment-reader.ts';
import type { Spool } from '../store/spool.ts';
import { maxPayloadBytes } from '../thrift/frame-limit.ts';
import type { FixedHeaders, Protocol } from '../thrift/protocol.ts';
import { protocolNamed } from '../thrift/protocols.ts';
import { Reader } from '../thrift/reply.ts';
import type { Run } from './segment-range.ts';

/** What the first events of a run are: a batch, or lost. */
export type Cut =
  | { readonly tag: 'batch'; readonly count: number; readonly end: number; readonly events: Uint8Array }
  | { readonly tag: 'lost'; readonly count: number; readonly end: number };

export class BatchReader {
  readonly #disk: Disk;
  readonly #spool: Spool;
  readonly #protocol: Protocol;
  readonly #noHeaders: FixedHeaders;

  constructor(disk: Disk, spool: Spool, protocol: Protocol) {
    this.#disk = disk;
    this.#spool = spool;
    this.#protocol = protocol;
    this.#noHeaders = protocol.fixHeaders([]);
  }

  /** One event at least, unless it is lost. @throws what the disk throws */
  cut(run: Run, maxEvents: number, maxBytes: number): Cut {
    const { segment } = run;
    const most = Math.min(maxEvents, run.count);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    let offset = run.start;
    let chunk: Buffer = Buffer.alloc(0);
    let at = 0;
    let isFromDisk = false;
    while (pieces.length < most) {
      let length: number;
      try {
        if (chunk.length - at < recordHeadBytes) {
          ({ bytes: chunk, isFromDisk } = this.#spool.read(segment, offset, recordHeadBytes));
          at = 0;
        }
        length = chunk.length - at < recordHeadBytes ? 0 : recordLength(chunk, at);
        if (chunk.length - at < recordHeadBytes + length) {
          ({ bytes: chunk, isFromDisk } = this.#spool.read(segment, offset, recordHeadBytes + length));
          at = 0;
          length = chunk.length < recordHeadBytes ? 0 : length;
        }
      } catch (error) {
        // What was read before it goes first.
        if (pieces.length > 0) break;
        throw error;
      }
      const end = at + recordHeadBytes + length;
      const isBad = isFromDisk && !this.#isRecord(chunk, at, end, run.index + pieces.length, segment);
      const event = isBad ? undefined : this.#event(chunk.subarray(at + recordHeadBytes, end), segment);
      if (event === undefined) {
        if (pieces.length > 0) break;
        return isBad ? this.damage(run) : { tag: 'lost', count: 1, end: offset + end - at };
      }
      if (pieces.length > 0 && bytes + event.length > maxBytes) break;
      pieces.push(event);
      bytes += event.length;
      offset += end - at;
      at = end;
    }
    return { tag: 'batch', count: pieces.length, end: offset, events: Buffer.concat(pieces, bytes) };
  }

  /** The first record of the run cannot be read, or is not intact any more: it is lost, and all up to the next that is. */
  damage(run: Run): Cut {
    const { segment } = run;
    try {
      const reader = new SegmentReader(this.#disk, segment.file, segment.salt, run.start, run.index, run.end);
      let found = reader.next();
      for (; found === 'more'; found = reader.next()) reader.fillAround();
      if (found !== undefined && found.index > run.index) {
        return { tag: 'lost', count: found.index - run.index, end: found.start };
      }
      // It is whole after all, only never when it is wanted.
      if (found !== undefined) return { tag: 'lost', count: 1, end: found.end };
    } catch {
      // Not even opened.
    }
    return { tag: 'lost', count: run.count, end: run.end };
  }

  #isRecord(chunk: Buffer, at: number, end: number, index: number, segment: SegmentFile): boolean {
    if (end <= at + recordHeadBytes || end > chunk.length || recordIndex(chunk, at) !== index) return false;
    return isIntact(chunk, at, end, segment.salt);
  }

  /** The event in this channel's protocol; undefined where there is none that fits into a frame. */
  #event(payload: Buffer, segment: SegmentFile): Uint8Array | undefined {
    if (segment.protocol === this.#protocol.name) return payload;
    try {
      const { headers, body } = protocolNamed(segment.protocol).readEvent(new Reader(payload));
      const event = Buffer.allocUnsafe(this.#protocol.eventSize(this.#noHeaders, headers, body));
      this.#protocol.writeEvent(event, 0, this.#noHeaders, headers, body);
      return event.length <= maxPayloadBytes ? event : undefined;
    } catch {
      return undefined;
    }
  }
}
