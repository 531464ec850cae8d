// Between put() and the channel an event is checked, gets its static headers and its id, is cut to size where it is too
// large, and is counted.

import { randomUUID } from 'node:crypto';
import type { Channel } from './channel/channel.ts';
import type { DeadLetter } from './dead-letter.ts';
import { encodingHeader, gzipBody } from './event/compression.ts';
import { checkBody, type FlumeEvent, type HeaderList, headerList } from './event/flume-event.ts';
import { truncateBody } from './event/truncation.ts';
import type { Books, DropReason } from './stats.ts';
import { eventSizeBound, type FixedHeaders, type Protocol } from './thrift/protocol.ts';

export interface IntakeOptions {
  /** Headers of every event, which win over its own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly eventId: boolean;
  readonly maxEventBytes: number;
  readonly oversize: 'truncate' | 'drop';
  readonly compress?: 'gzip' | undefined;
}

/** Hears of every event when it is counted: why it was dropped at once, or undefined. */
export type CountedListener = (reason: DropReason | undefined) => void;

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
  readonly #books: Books;
  readonly #counted: CountedListener;
  #isClosed = false;
  /** For the headers of the event that is taken: a channel keeps no list, so one serves all. Undefined while it is in use. */
  #list: string[] | undefined = [];
  /** Events whose body was cut. */
  truncated = 0;

  constructor(
    options: IntakeOptions,
    protocol: Protocol,
    channel: Channel,
    deadLetter: DeadLetter | undefined,
    books: Books,
    counted: CountedListener,
  ) {
    this.#options = options;
    this.#protocol = protocol;
    this.#channel = channel;
    this.#deadLetter = deadLetter;
    this.#books = books;
    this.#counted = counted;
    this.#fixed = protocol.fixHeaders(headerList(options.headers));
    this.#fixedNames = new Set(Object.keys(options.headers));
  }

  /** It is in the middle of an event: whoever hears something now must not be told of others. */
  get isTaking(): boolean {
    return this.#list === undefined;
  }

  /** Takes an event and counts it. Throws at the end of the stack only, where nothing was done. @returns whether it is in the channel */
  put(event: FlumeEvent): boolean {
    let reason: DropReason | undefined = 'invalid';
    try {
      reason = this.take(event);
    } catch {
      // At the end of the stack any call throws: so the books are kept without one, and the rest follows with the next event.
    }
    this.#books.accepted += 1;
    if (reason !== undefined) this.#books.dropped[reason] += 1;
    try {
      this.#counted(reason);
    } catch {
      // As above.
    }
    return reason === undefined;
  }

  /** The same without counting it. @returns undefined where the event is in the channel, else why not */
  take(event: FlumeEvent): DropReason | undefined {
    if (this.#isClosed) return 'closed';
    // A getter among the headers, or who hears that old events gave way, may put another one meanwhile.
    const list = this.#list;
    this.#list = undefined;
    try {
      return this.#put(event, list ?? []);
    } catch {
      // Found while it was encoded, at the latest: bytes that were transferred to a worker, say.
      return 'invalid';
    } finally {
      this.#list = list;
    }
  }

  /** Counts an event that was taken, or not. @returns whether it was */
  count(reason: DropReason | undefined): boolean {
    this.#books.accepted += 1;
    if (reason !== undefined) this.#books.dropped[reason] += 1;
    this.#counted(reason);
    return reason === undefined;
  }

  /** Takes no more. */
  close(): void {
    this.#isClosed = true;
  }

  #put(event: FlumeEvent, list: string[]): DropReason | undefined {
    const { body } = event;
    const low = event.low === true;
    checkBody(body);
    const headers = this.#ownHeaders(headerList(event.headers, list));
    if (this.#options.compress !== undefined) {
      const packed = this.#compressed(headers, body);
      // One that is too large even so is cut as it was.
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
