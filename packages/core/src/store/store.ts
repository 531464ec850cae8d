// A store keeps the bytes of events; their order is the ledger's. There are two: blocks in memory, and segments in files.

import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import type { EventRange, Home } from './event-range.ts';

export interface Store {
  /**
   * Encodes the event behind all others and tells the ledger of it. Either both or, also where it throws, neither.
   *
   * @param part of the bounds that may be used
   * @returns undefined where it is kept, else why not
   */
  put(headers: HeaderList, body: string | Uint8Array, part: number): DropReason | undefined;
  /**
   * The first events of a range: one at least, at most `maxEvents`, and of `maxBytes` together unless the first alone is
   * larger.
   *
   * @returns undefined where the disk does not give them now; the ledger hears when it may be asked again
   */
  read(range: EventRange, maxEvents: number, maxBytes: number): Cut | undefined;
  /** The events are settled: their room is free, in whatever order ranges go. */
  free(range: EventRange): void;
  /** How many of the range's first events to give up for a new one of `size` bytes; undefined where that is of no use. */
  sacrifice(range: EventRange, size: number): Portion | undefined;
}

export interface Portion {
  readonly count: number;
  /** Bytes of the events in their home. */
  readonly bytes: number;
}

export interface Cut extends Portion {
  /** The encoded events; undefined where they cannot be read any more. */
  readonly views: readonly Uint8Array[] | undefined;
  /** Bytes of the views. */
  readonly byteLength: number;
}

/** The ledger, as a store sees it. */
export interface Arrivals {
  /** An event stands behind all others now. Never throws half-way. */
  added(home: Home, index: number, start: number, bytes: number): void;
  /** So many events of before were found to be lost. */
  missed(count: number): void;
  /** The events queued in this home are lost, since the disk has lost them. @returns how many they were */
  forfeit(home: Home): Portion;
}
