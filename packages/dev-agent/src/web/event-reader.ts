// Events as the control API shows them, read from the log.
import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReceivedEvent } from '../call.ts';
import type { Route } from '../conf/route.ts';
import type { EventLog } from '../event-log.ts';
import type { Severity } from '../severity.ts';
import { severityOf } from '../severity.ts';
import type { EventFilter, EventQuery } from './event-query.ts';
import { isFilter, matches } from './event-query.ts';

export interface EventView {
  /** From 1, in the order in which events were stored. */
  readonly number: number;
  /** When it came: milliseconds since 1970. */
  readonly atMs: number;
  readonly connection: number;
  /** Where a header tells. */
  readonly level?: Severity;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the body is UTF-8. */
  readonly body?: string;
  readonly bodyBase64?: string;
  /** Of the whole body. */
  readonly bytes: number;
  /** The body is longer than what is shown of it. */
  readonly cut?: true;
  /** With a configuration: where the event would go. */
  readonly route?: Route;
}

export interface EventPage {
  /** The oldest event that is kept. */
  readonly first: number;
  /** The number that the next event will get. */
  readonly next: number;
  /** How many events were let go, since only so many are kept. */
  readonly letGo: number;
  readonly events: readonly EventView[];
  /** More match in this direction. */
  readonly more: boolean;
}

export type RouteEvent = (event: ReceivedEvent, atMs: number) => Route;

// Bytes of bodies in one answer, about; and how many events are looked at before others have their turn.
const pageBytes = 16 * 1024 * 1024;
const eventsPerTurn = 2_000;

export class EventReader {
  readonly log: EventLog;
  readonly #route: RouteEvent | undefined;

  constructor(log: EventLog, route: RouteEvent | undefined) {
    this.log = log;
    this.#route = route;
  }

  /** undefined where it is gone, or has not come. */
  view(number: number, preview?: number): EventView | undefined {
    const event = this.log.at(number);
    if (event === undefined) return undefined;
    const { atMs, connection } = this.log.arrivalOf(number);
    const level = severityOf(event.headers);
    return {
      number,
      atMs,
      connection,
      ...(level && { level }),
      headers: event.headers,
      ...shown(event.body, preview),
      bytes: event.body.length,
      ...(this.#route && { route: this.#route(event, atMs) }),
    };
  }

  async page(query: EventQuery): Promise<EventPage> {
    const events: EventView[] = [];
    let bytes = 0;
    let more = false;
    for await (const number of this.numbers(query)) {
      if (events.length >= query.limit || bytes > pageBytes) {
        more = true;
        break;
      }
      const view = this.view(number, query.preview);
      if (view === undefined) continue;
      bytes += Math.min(view.bytes, 4 * (query.preview ?? Infinity));
      events.push(view);
    }
    const { first, next } = this.log;
    return { first, next, letGo: first - 1, events, more };
  }

  /** The numbers of the events that match: above `after` and upwards, or below `before` and downwards. */
  async *numbers({ after, before, ...filter }: EventQuery): AsyncGenerator<number> {
    const all = !isFilter(filter);
    const step = before === undefined ? 1 : -1;
    let number =
      before === undefined ? Math.max(this.log.first, (after ?? 0) + 1) : Math.min(before, this.log.next) - 1;
    for (let seen = 1; number >= this.log.first && number < this.log.next; seen++, number += step) {
      const event = this.log.at(number);
      if (event !== undefined && (all || matches(event, filter))) yield number;
      if (seen % eventsPerTurn === 0) await nextTurn();
      // Meanwhile the oldest may have been let go.
      if (step === 1) number = Math.max(number, this.log.first - 1);
    }
  }

  /** The same at once, for the few that came just now. */
  *newNumbers(after: number, filter: EventFilter): Generator<number> {
    const all = !isFilter(filter);
    for (let number = Math.max(after + 1, this.log.first); number < this.log.next; number++) {
      if (all || matches(this.log.at(number) as ReceivedEvent, filter)) yield number;
    }
  }
}

function shown(body: Buffer, preview = Infinity): Pick<EventView, 'body' | 'bodyBase64' | 'cut'> {
  if (body.length <= preview) return isUtf8(body) ? { body: body.toString() } : { bodyBase64: body.toString('base64') };
  // Four bytes are the most that a character takes, and three of them may belong to the next one.
  const start = body.subarray(0, 4 * preview + 3);
  const text = isUtf8(body) ? start.toString() : undefined;
  if (text !== undefined && text.length <= preview) return { body: text };
  if (text === undefined) return { bodyBase64: start.subarray(0, preview).toString('base64'), cut: true };
  return { body: text.slice(0, preview).toWellFormed(), cut: true };
}
