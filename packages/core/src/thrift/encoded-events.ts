// Events that a channel holds encoded, one behind the other, read back.

import type { HeaderList } from '../event/flume-event.ts';
import type { Protocol } from './protocol.ts';
import { Reader } from './reply.ts';

export interface EncodedEvents {
  readonly count: number;
  readonly views: readonly Uint8Array[];
}

/** As many of them as can be read: a file may hold, behind a right checksum, what is no event of ours. Never throws. */
export function decoded(protocol: Protocol, encoded: EncodedEvents): { headers: HeaderList; body: Buffer }[] {
  const events: { headers: HeaderList; body: Buffer }[] = [];
  readAll(protocol, encoded, (event) => events.push(event));
  return events;
}

/** Bytes of the largest that can be read. Never throws. */
export function largestEvent(protocol: Protocol, encoded: EncodedEvents): number {
  let largest = 0;
  readAll(protocol, encoded, (_event, bytes) => {
    largest = Math.max(largest, bytes);
  });
  return largest;
}

function readAll(
  protocol: Protocol,
  { count, views }: EncodedEvents,
  each: (event: { headers: HeaderList; body: Buffer }, bytes: number) => void,
): void {
  const reader = new Reader(Buffer.concat(views));
  try {
    for (let from = 0, left = count; left > 0; left--, from = reader.position) {
      const event = protocol.readEvent(reader);
      each(event, reader.position - from);
    }
  } catch {
    // The event behind it has no known beginning.
  }
}
