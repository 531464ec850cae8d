// What a Thrift protocol is to this client: one way to write events and the calls around them, and to read the reply.
//
// An event's bytes do not depend on its neighbours, so that a channel can keep encoded events and a batch is a view:
//
//   frame = length (i32, big-endian) · head · event* · tail
//
// The head is the message header, the arguments struct and the list's header; the tail closes the arguments struct.

import type { HeaderList } from '../event/flume-event.ts';
import type { ProtocolName } from '../options.ts';
import { binaryProtocol } from './binary-protocol.ts';
import { compactProtocol } from './compact-protocol.ts';
import type { Reply } from './reply.ts';

export type Method = 'append' | 'appendBatch';

export interface Protocol {
  readonly name: ProtocolName;
  /** Encodes headers that are the same for every event, once. */
  fixHeaders(headers: HeaderList): FixedHeaders;
  /** The exact number of bytes that `writeEvent` will write. */
  eventSize(fixed: FixedHeaders, headers: HeaderList, body: string | Uint8Array): number;
  /** Writes a ThriftFlumeEvent at `at` and returns its end. `headers` has none of the fixed names. */
  writeEvent(target: Buffer, at: number, fixed: FixedHeaders, headers: HeaderList, body: string | Uint8Array): number;
  /** What precedes `count` events of `eventBytes` bytes together, frame length included. `append` takes one event. */
  callHead(method: Method, sequenceId: number, count: number, eventBytes: number): Buffer;
  /** What follows the events of a call. */
  readonly callTail: Uint8Array;
  /**
   * Reads a whole reply, without its frame length.
   *
   * @throws FlumeError `ERR_FLUME_PROTOCOL` for anything that is not exactly one reply.
   */
  readReply(message: Buffer): Reply;
}

export interface FixedHeaders {
  readonly count: number;
  readonly bytes: Uint8Array;
}

export function protocolNamed(name: ProtocolName): Protocol {
  return name === 'compact' ? compactProtocol : binaryProtocol;
}

/** Never less than `Protocol.eventSize`, and much cheaper: counts no UTF-8. */
export function eventSizeBound(fixed: FixedHeaders, headers: HeaderList, body: string | Uint8Array): number {
  // 5 bytes at most for each length, 24 for the struct around them.
  let bound = 24 + fixed.bytes.length + (typeof body === 'string' ? 3 * body.length : body.length);
  for (const text of headers) bound += 5 + 3 * text.length;
  return bound;
}
