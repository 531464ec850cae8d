// How many lines the channel has room for, so that the command can make its writer wait in place of dropping.

import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryOptions } from 'flume-thrift-client';
import type { LineSource } from './line-source.ts';

// What an event has besides its line: headers, and a few bytes of the protocol's.
const overheadBytes = 1024;
// The part of the channel that is filled before the writer waits.
const fillPart = 0.8;
const pollMs = 10;

export class ChannelRoom {
  readonly #source: LineSource;
  readonly #events: number;
  readonly #bytes: number;
  /** What may be written before the channel is looked at again, which costs more than a line. */
  #freeEvents = 0;
  #freeBytes = 0;

  constructor(source: LineSource, channel: DeliveryOptions['channel'] = {}) {
    const isFile = channel.type === 'file';
    const events = isFile ? Infinity : (channel.capacity ?? 100_000);
    const bytes = isFile ? (channel.maxBytes ?? 1024 ** 3) : (channel.byteCapacity ?? 64 * 1024 * 1024);
    this.#source = source;
    this.#events = Math.max(1, Math.floor(events * fillPart));
    this.#bytes = bytes * fillPart;
  }

  /** Takes the room for a line. @returns false where there is none now */
  take(lineBytes: number): boolean {
    const bytes = lineBytes + overheadBytes;
    if (this.#freeEvents < 1 || this.#freeBytes < bytes) {
      const { queued } = this.#source.stats();
      this.#freeEvents = this.#events - queued.events;
      this.#freeBytes = this.#bytes - queued.bytes;
      // A line that is larger than all the room has to be tried some time.
      if (queued.events > 0 && (this.#freeEvents < 1 || this.#freeBytes < bytes)) return false;
    }
    this.#freeEvents -= 1;
    this.#freeBytes -= bytes;
    return true;
  }

  /** Waits until there may be room again. */
  async wait(): Promise<void> {
    await delay(pollMs);
  }
}
