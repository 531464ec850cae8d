// What happens to an event between put() and the channel: it is checked, gets its static headers and its id, and is cut to
// size where it is too large.

import { randomUUID } from 'node:crypto';
import type { Channel } from './channel/channel.ts';
import type { DeadLetter } from './dead-letter.ts';
import { encodingHeader, gzipBody } from './event/compression.ts';
import { checkBody, type FlumeEvent, type HeaderList, headerList } from './event/flume-event.ts';
import { truncateBody } from './event/truncation.ts';
import type { DropReason } from './stats.ts';
import { eventSizeBound, type FixedHeaders, type Protocol } from './thrift/protocol.ts';

export interface IntakeOptions {
  /** Headers of every event, which win over its own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly eventId: boolean;
  readonly maxEventBytes: number;
  readonly oversize: 'truncate' | 'drop';
  readonly compress?: 'gzip' | undefined;
}

interface Parts {
  readonly headers: HeaderList;
  readonly body: string | Uint8Array;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #protocol: Protocol;
  readonly #channel: Channel;
  readonly #deadLetter: DeadLetter | undefined;
  readonly #fixed: FixedHeaders;
  readonly #fixedNames: ReadonlySet<string>;
  /** Events whose body was cut. */
  truncated = 0;

  constructor(options: IntakeOptions, protocol: Protocol, channel: Channel, deadLetter: DeadLetter | undefined) {
    this.#options = options;
    this.#protocol = protocol;
    this.#channel = channel;
    this.#deadLetter = deadLetter;
    this.#fixed = protocol.fixHeaders(headerList(options.headers));
    this.#fixedNames = new Set(Object.keys(options.headers));
  }

  /** @returns undefined where the event is in the channel, else why not. Never throws, whatever the event is */
  put(event: FlumeEvent): DropReason | undefined {
    try {
      return this.#put(event);
    } catch {
      // Found while it was encoded, at the latest: bytes that were transferred to a worker, say.
      return 'invalid';
    }
  }

  #put(event: FlumeEvent): DropReason | undefined {
    const { body } = event;
    const low = event.low === true;
    checkBody(body);
    const headers = this.#ownHeaders(headerList(event.headers));
    if (this.#options.compress !== undefined) {
      const packed = this.#compressed(headers, body);
      // What is too large even so is cut as it was.
      if (packed !== undefined && !this.#isOversize(packed.headers, packed.body)) {
        return this.#channel.put(packed.headers, packed.body, low);
      }
    }
    if (!this.#isOversize(headers, body)) return this.#channel.put(headers, body, low);

    const short = this.#options.oversize === 'truncate' ? this.#truncate(headers, body) : undefined;
    if (short === undefined) {
      this.#deadLetter?.add([{ headers, body }], 'oversize');
      return 'oversize';
    }
    const reason = this.#channel.put(short.headers, short.body, low);
    if (reason === undefined) this.truncated += 1;
    return reason;
  }

  /** The event's own headers and its id, without those that are fixed. */
  #ownHeaders(headers: HeaderList): HeaderList {
    const own = this.#hasFixed(headers)
      ? headers.filter((_text, at) => !this.#fixedNames.has(headers[at - (at % 2)] as string))
      : headers;
    if (!this.#options.eventId || this.#fixedNames.has('id')) return own;
    // An id of the caller's own stays.
    return holds(own, 'id') ? own : [...own, 'id', randomUUID()];
  }

  #hasFixed(headers: HeaderList): boolean {
    if (this.#fixedNames.size === 0) return false;
    for (let at = 0; at < headers.length; at += 2) if (this.#fixedNames.has(headers[at] as string)) return true;
    return false;
  }

  /** @returns undefined where the body stays as it is; one that says of itself how it is encoded does */
  #compressed(headers: HeaderList, body: string | Uint8Array): Parts | undefined {
    if (this.#fixedNames.has(encodingHeader) || holds(headers, encodingHeader)) return undefined;
    const short = gzipBody(body);
    return short && { headers: [...headers, encodingHeader, 'gzip'], body: short };
  }

  #isOversize(headers: HeaderList, body: string | Uint8Array): boolean {
    const { maxEventBytes } = this.#options;
    // Counting is only needed where the bound, which is cheap, is above the limit.
    return (
      eventSizeBound(this.#protocol, this.#fixed, headers, body) > maxEventBytes &&
      this.#protocol.eventSize(this.#fixed, headers, body) > maxEventBytes
    );
  }

  /** @returns undefined where the headers alone are too large */
  #truncate(headers: HeaderList, body: string | Uint8Array): Parts | undefined {
    // A body that was cut before keeps the size that it had at first.
    const marked = holds(headers, 'truncated') ? headers : [...headers, 'truncated', String(Buffer.byteLength(body))];
    // 4 bytes more for the length of a body in the compact protocol.
    const room = this.#options.maxEventBytes - this.#protocol.eventSize(this.#fixed, marked, '') - 4;
    if (room < 0) return undefined;
    return { headers: marked, body: truncateBody(body, Math.floor(room * this.#protocol.bodyShare)) };
  }
}

function holds(headers: HeaderList, name: string): boolean {
  return headers.some((text, at) => at % 2 === 0 && text === name);
}
