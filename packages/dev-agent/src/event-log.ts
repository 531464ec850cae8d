// The newest events, by number, each with when and how it came: what the page, its API and `events` show.
import type { ReceivedEvent } from './call.ts';
import { RecentList } from './recent-list.ts';

/** How a run of events came: all of one call. */
export interface Arrival {
  /** Of the first event of the call. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly connection: number;
}

export interface EventLogOptions {
  /** Most events that are kept. */
  readonly keepEvents: number;
  /** Most bytes of memory that they take, about. */
  readonly keepBytes: number;
}

export class EventLog {
  readonly #events: RecentList<ReceivedEvent>;
  /** Oldest first; the first one's events may be gone in part. */
  readonly #arrivals = new RecentList<Arrival>({ items: Infinity, bytes: Infinity }, () => 0);
  readonly #keepsNone: boolean;

  constructor({ keepEvents, keepBytes }: EventLogOptions) {
    this.#events = new RecentList({ items: keepEvents, bytes: keepBytes }, memoryOf);
    this.#keepsNone = keepEvents === 0;
  }

  /** Oldest first. */
  get events(): readonly ReceivedEvent[] {
    return this.#events.items;
  }

  /** The number of the oldest event that is kept; events are numbered from 1, in the order in which they were stored. */
  get first(): number {
    return this.#events.goneTotal + 1;
  }

  /** The number that the next event gets. */
  get next(): number {
    return this.first + this.#events.length;
  }

  /** About how much memory the events take. */
  get bytes(): number {
    return this.#events.bytes;
  }

  push(events: readonly ReceivedEvent[], atMs: number, connection: number): void {
    const kept = this.#keepsNone ? events : events.map(withOwnBytes(events));
    this.#arrivals.push({ number: this.next, atMs, connection });
    for (const event of kept) this.#events.push(event);
    this.#trimArrivals();
  }

  /** undefined where it is gone, or has not come. */
  at(number: number): ReceivedEvent | undefined {
    return this.#events.at(number - this.first);
  }

  /** Of an event that is kept. */
  arrivalOf(number: number): Arrival {
    let low = 0;
    let high = this.#arrivals.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#arrivals.at(middle) as Arrival).number <= number) low = middle;
      else high = middle - 1;
    }
    return this.#arrivals.at(low) as Arrival;
  }

  /** Lets all go and returns them. */
  clear(): ReceivedEvent[] {
    this.#arrivals.clear();
    return this.#events.clear();
  }

  #trimArrivals(): void {
    const { first } = this;
    if (this.#events.length === 0) {
      this.#arrivals.clear();
      return;
    }
    while (this.#arrivals.length > 1 && (this.#arrivals.at(1) as Arrival).number <= first) this.#arrivals.shift();
  }
}

// Bytes that V8 takes beside those of a body and the letters of headers, roughly and rather more than less.
const eventBytes = 256;
const headerBytes = 64;

/** About how much memory an event takes. */
export function memoryOf({ headers, body }: ReceivedEvent): number {
  let bytes = eventBytes + body.length;
  for (const name in headers) bytes += headerBytes + 2 * (name.length + (headers[name]?.length ?? 0));
  return bytes;
}

/**
 * Bodies are views of what came from the socket, and keep all of that alive. Where that is much more than the bodies of the
 * call, as with unknown fields or with other calls that were refused, they are copied.
 */
function withOwnBytes(events: readonly ReceivedEvent[]): (event: ReceivedEvent) => ReceivedEvent {
  const bodies = events.reduce((sum, { body }) => sum + body.length, 0);
  return (event) => {
    if (event.body.buffer.byteLength <= 4 * bodies) return event;
    // Not from the pool that small buffers share.
    const body = Buffer.alloc(event.body.length);
    event.body.copy(body);
    return { headers: event.headers, body };
  };
}
