// Events that a channel holds encoded, one behind the other, read back.

import type { HeaderList } from '../event/flume-event.ts';
import type { Protocol } from './protocol.ts';
import { Reader } from './reply.ts';

export interface EncodedEvents {
  readonly count: number;
  readonly views: readonly Uint8Array[];
}

export function decoded(protocol: Protocol, { count, views }: EncodedEvents): { headers: HeaderList; body: Buffer }[] {
  const reader = new Reader(Buffer.concat(views));
  return Array.from({ length: count }, () => protocol.readEvent(reader));
}

/** Bytes of the largest. */
export function largestEvent(protocol: Protocol, { count, views }: EncodedEvents): number {
  const reader = new Reader(Buffer.concat(views));
  let largest = 0;
  for (let from = 0, left = count; left > 0; left--, from = reader.position) {
    protocol.readEvent(reader);
    largest = Math.max(largest, reader.position - from);
  }
  return largest;
}
