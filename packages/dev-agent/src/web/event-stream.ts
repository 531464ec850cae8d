// Server-sent events: what came since the last message, a few times a second, and never faster than it is read.
import type { ServerResponse } from 'node:http';
import type { EventQuery } from './event-query.ts';
import type { EventReader, EventView } from './event-reader.ts';

/** The data of `event: events`. */
export interface StreamedEvents {
  readonly first: number;
  readonly next: number;
  /** The newest that match, at most `limit` of them, oldest first. */
  readonly events: readonly EventView[];
  /** With `only=numbers` the numbers of all that match, and no events. */
  readonly numbers?: readonly number[];
  /** How many more matched, which GET /api/events has. */
  readonly skipped: number;
}

const intervalMs = 200;
const statsEveryMs = 1_000;
const mostSubscribers = 32;
// A stream that lags behind so far goes on with the newest.
const mostScanned = 50_000;

export class EventStream {
  readonly #reader: EventReader;
  readonly #stats: () => unknown;
  readonly #subscribers = new Set<Subscriber>();
  #timer: NodeJS.Timeout | undefined;
  #statsMs = 0;

  /** @param stats what `event: stats` carries, once a second */
  constructor(reader: EventReader, stats: () => unknown) {
    this.#reader = reader;
    this.#stats = stats;
  }

  /** False where there are too many already. The query's `after` says where it begins; default: with what comes next. */
  subscribe(response: ServerResponse, query: EventQuery): boolean {
    if (this.#subscribers.size >= mostSubscribers) return false;
    const subscriber: Subscriber = {
      response,
      query,
      last: query.after ?? this.#reader.log.next - 1,
      first: 0,
      next: 0,
    };
    this.#subscribers.add(subscriber);
    response.on('close', () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.close();
    });
    response.write('retry: 1000\n\n');
    send(response, 'stats', this.#stats());
    this.#tell(subscriber);
    this.#timer ??= setInterval(() => this.#tick(), intervalMs);
    return true;
  }

  /** Tells at once, in place of at the next interval: after something that was done by hand. */
  tellStats(): void {
    this.#statsMs = 0;
    this.#tick();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = performance.now();
    const isStatsDue = now - this.#statsMs >= statsEveryMs;
    if (isStatsDue) this.#statsMs = now;
    const stats = isStatsDue ? this.#stats() : undefined;
    for (const subscriber of this.#subscribers) {
      // A message that a slow reader has not taken yet is not added to.
      if (subscriber.response.writableNeedDrain) continue;
      if (stats !== undefined) send(subscriber.response, 'stats', stats);
      this.#tell(subscriber);
    }
  }

  #tell(subscriber: Subscriber): void {
    const { query, response } = subscriber;
    const { first, next } = this.#reader.log;
    if (next === subscriber.next && first === subscriber.first) return;
    const from = Math.max(subscriber.last, next - 1 - mostScanned);
    const found = [...this.#reader.newNumbers(from, query)];
    subscriber.last = next - 1;
    subscriber.first = first;
    subscriber.next = next;
    const newest = query.limit === 0 ? [] : found.slice(-query.limit);
    const events = query.numbersOnly ? [] : newest.map((number) => this.#reader.view(number, query.preview));
    const message: StreamedEvents = {
      first,
      next,
      events: events.filter((view) => view !== undefined),
      ...(query.numbersOnly && { numbers: found }),
      skipped: query.numbersOnly ? 0 : found.length - newest.length,
    };
    send(response, 'events', message);
  }
}

interface Subscriber {
  readonly response: ServerResponse;
  readonly query: EventQuery;
  /** The newest event that was told of, or passed over. */
  last: number;
  /** The log as it was told of. */
  first: number;
  next: number;
}

function send(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
