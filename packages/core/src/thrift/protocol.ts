// A Thrift protocol, as this client sees it: one way to write events and the calls around them, and to read the reply.
//
// An event's bytes do not depend on its neighbours, so that a channel can keep encoded events and a batch is a view:
//
//   frame = length (i32, big-endian) · head · event* · tail
//
// The head is the message header, the arguments struct and the list's header; the tail closes the arguments struct.

import type { HeaderList } from '../event/flume-event.ts';
import type { Reader, Reply } from './reply.ts';

export type ProtocolName = 'compact' | 'binary' | 'json';

export type Method = 'append' | 'appendBatch';

export interface Protocol {
  readonly name: ProtocolName;
  /** Bytes before an event that only a list needs. */
  readonly separatorBytes: number;
  /** Most bytes that a UTF-16 unit of a header takes. */
  readonly maxBytesPerUnit: number;
  /** Bytes of a body that one encoded byte carries: less than 1 where it travels as base64. */
  readonly bodyShare: number;
  /** Encodes headers that are the same for every event, once. */
  fixHeaders(headers: HeaderList): FixedHeaders;
  /** The exact number of bytes that `writeEvent` will write. */
  eventSize(fixed: FixedHeaders, headers: HeaderList, body: string | Uint8Array): number;
  /**
   * Writes a ThriftFlumeEvent at `at`, as far as the target reaches. `headers` has none of the fixed names.
   *
   * @returns its end, or `noRoom`: never where there are `eventSize` bytes
   */
  writeEvent(target: Buffer, at: number, fixed: FixedHeaders, headers: HeaderList, body: string | Uint8Array): number;
  /** Reads an event that `writeEvent` wrote. */
  readEvent(reader: Reader): { headers: HeaderList; body: Buffer };
  /** The bytes before `count` events of `eventBytes` bytes together, frame length included. `append` takes one event. */
  callHead(method: Method, sequenceId: number, count: number, eventBytes: number): Buffer;
  /** The bytes behind the events of a call. */
  callTail(method: Method): Uint8Array;
  /**
   * Reads one reply, without a frame length before it.
   *
   * @throws Underrun where there are too few bytes
   * @throws FlumeError `ERR_FLUME_PROTOCOL` where they are no reply
   */
  readReply(reader: Reader): Reply;
}

/** In place of an end: the event does not fit, and nothing of what was written is of use. */
export const noRoom = -1;

export interface FixedHeaders {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Never less than `Protocol.eventSize`, and much cheaper: counts no UTF-8. */
export function eventSizeBound(
  protocol: Protocol,
  fixed: FixedHeaders,
  headers: HeaderList,
  body: string | Uint8Array,
): number {
  const { maxBytesPerUnit, bodyShare } = protocol;
  const bodyBound = (typeof body === 'string' ? 3 * body.length : body.length) / bodyShare;
  // 5 bytes at most for each length, 64 for the rest.
  let bound = 64 + fixed.bytes.length + bodyBound;
  for (let index = 0; index < headers.length; index++) bound += 5 + maxBytesPerUnit * (headers[index] as string).length;
  return bound;
}
