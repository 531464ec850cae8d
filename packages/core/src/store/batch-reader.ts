// Cuts a batch from the beginning of a range: reads the records, checks those that come from the disk, and encodes anew
// those that were written in another protocol. The disk gets some time for those that it does not give now.

import type { Clock } from '../clock.ts';
import { type Disk, diskErrorCode } from '../disk.ts';
import { maxPayloadBytes } from '../thrift/frame-limit.ts';
import type { FixedHeaders, Protocol } from '../thrift/protocol.ts';
import { protocolNamed } from '../thrift/protocols.ts';
import { Reader } from '../thrift/reply.ts';
import type { EventRange } from './event-range.ts';
import type { HeldSegment } from './held-segment.ts';
import type { HeldSegments } from './held-segments.ts';
import { isIntact, recordHeadBytes, recordIndex, recordLength } from './segment.ts';
import { SegmentReader } from './segment-reader.ts';
import type { Cut } from './store.ts';

const patienceMs = 10_000;

export class BatchReader {
  readonly #disk: Disk;
  readonly #segments: HeldSegments;
  readonly #protocol: Protocol;
  readonly #noHeaders: FixedHeaders;
  readonly #clock: Clock;
  #unreadableSince: number | undefined;

  constructor(disk: Disk, clock: Clock, segments: HeldSegments, protocol: Protocol) {
    this.#disk = disk;
    this.#clock = clock;
    this.#segments = segments;
    this.#protocol = protocol;
    this.#noHeaders = protocol.fixHeaders([]);
  }

  /** One event at least, unless it is lost. @returns undefined where the disk does not give it now */
  read(range: EventRange, maxEvents: number, maxBytes: number): Cut | undefined {
    const segment = range.home as HeldSegment;
    let cut: Cut;
    try {
      cut = this.#cut(range, maxEvents, maxBytes);
      this.#unreadableSince = undefined;
    } catch (error) {
      // A handle may be of no use any more where the file is well: after a server's restart, say.
      segment.close();
      if (!this.#isLost(segment, diskErrorCode(error))) return undefined;
      cut = this.#damage(range);
    }
    if (cut.views === undefined) segment.spoil();
    return cut;
  }

  /** @throws what the disk throws */
  #cut(range: EventRange, maxEvents: number, maxBytes: number): Cut {
    const segment = range.home as HeldSegment;
    const most = Math.min(maxEvents, range.count);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    let offset = range.start;
    let chunk: Buffer = Buffer.alloc(0);
    let at = 0;
    let isFromDisk = false;
    while (pieces.length < most) {
      let length: number;
      try {
        if (chunk.length - at < recordHeadBytes) {
          ({ bytes: chunk, isFromDisk } = this.#segments.read(segment, offset, recordHeadBytes));
          at = 0;
        }
        length = chunk.length - at < recordHeadBytes ? 0 : recordLength(chunk, at);
        if (chunk.length - at < recordHeadBytes + length) {
          ({ bytes: chunk, isFromDisk } = this.#segments.read(segment, offset, recordHeadBytes + length));
          at = 0;
          length = chunk.length < recordHeadBytes ? 0 : length;
        }
      } catch (error) {
        // The events that were read before it go first.
        if (pieces.length > 0) break;
        throw error;
      }
      const end = at + recordHeadBytes + length;
      const isBad = isFromDisk && !this.#isRecord(chunk, at, end, range.index + pieces.length, segment);
      const event = isBad ? undefined : this.#event(chunk.subarray(at + recordHeadBytes, end), segment);
      if (event === undefined) {
        if (pieces.length > 0) break;
        return isBad ? this.#damage(range) : lost(1, offset + end - at - range.start);
      }
      if (pieces.length > 0 && bytes + event.length > maxBytes) break;
      pieces.push(event);
      bytes += event.length;
      offset += end - at;
      at = end;
    }
    const count = pieces.length;
    const views = [Buffer.concat(pieces, bytes)];
    return { count, bytes: offset - range.start - count * recordHeadBytes, views, byteLength: bytes };
  }

  /** The disk may give it later, but not everything waits for that where the disk is well otherwise. */
  #isLost({ file }: HeldSegment, code: string): boolean {
    // Somebody has deleted it.
    if (code === 'ENOENT') return true;
    const now = this.#clock.now();
    this.#unreadableSince ??= now;
    return now - this.#unreadableSince > patienceMs && file.canBeOpened;
  }

  /** The first record of the range cannot be read, or is not intact any more: it is lost, and all up to the next that is. */
  #damage(range: EventRange): Cut {
    const { start, index, end, count, home } = range;
    const { file, identity } = home as HeldSegment;
    const { salt } = identity;
    try {
      const reader = new SegmentReader(this.#disk, { handle: file.handle, salt, from: start, nextIndex: index, end });
      let found = reader.next();
      for (; found === 'more'; found = reader.next()) reader.fillAround();
      if (found !== undefined && found.index > index) return lost(found.index - index, found.start - start);
      // It is whole after all, only never when it is wanted.
      if (found !== undefined) return lost(1, found.end - start);
    } catch {
      // Not even opened.
    }
    return lost(count, end - start);
  }

  #isRecord(chunk: Buffer, at: number, end: number, index: number, segment: HeldSegment): boolean {
    if (end <= at + recordHeadBytes || end > chunk.length || recordIndex(chunk, at) !== index) return false;
    return isIntact(chunk, at, end, segment.identity.salt);
  }

  /** The event in this channel's protocol; undefined where there is none that fits into a frame. */
  #event(payload: Buffer, segment: HeldSegment): Uint8Array | undefined {
    if (segment.identity.protocol === this.#protocol.name) return payload;
    try {
      const { headers, body } = protocolNamed(segment.identity.protocol).readEvent(new Reader(payload));
      const event = Buffer.allocUnsafe(this.#protocol.eventSize(this.#noHeaders, headers, body));
      this.#protocol.writeEvent(event, 0, this.#noHeaders, headers, body);
      return event.length <= maxPayloadBytes ? event : undefined;
    } catch {
      return undefined;
    }
  }
}

function lost(count: number, bytes: number): Cut {
  return { count, bytes: bytes - count * recordHeadBytes, views: undefined, byteLength: 0 };
}
