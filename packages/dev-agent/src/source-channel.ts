// Where committed events go: Flume's channel with its two limits, of which the newest events stay to be looked at.
import type { ReceivedEvent } from './call.ts';
import type { EventLogOptions } from './event-log.ts';
import { EventLog } from './event-log.ts';

export interface SourceChannelOptions extends EventLogOptions {
  /** Most events in one call; more is FAILED at once. */
  transactionCapacity: number;
  /** Most events held; a call that does not fit is FAILED after `keepAliveMs`. */
  capacity: number;
  keepAliveMs: number;
}

/** @param connection which one brought the events */
export type CommitListener = (events: readonly ReceivedEvent[], connection: number) => void;

export class SourceChannel {
  readonly #options: SourceChannelOptions;
  readonly log: EventLog;
  readonly #committed: CommitListener;
  /** Calls that wait for room, oldest first. */
  readonly #waiting = new Set<() => void>();
  #held = 0;
  #received = 0;
  #closed = false;

  constructor(options: SourceChannelOptions, committed: CommitListener) {
    this.#options = options;
    this.log = new EventLog(options);
    this.#committed = committed;
  }

  /** All events ever committed. */
  get received(): number {
    return this.#received;
  }

  /** All or nothing: undefined when committed, else why not. Waits only where there is no room. */
  put(events: readonly ReceivedEvent[], connection: number): string | undefined | Promise<string | undefined> {
    const { transactionCapacity, capacity } = this.#options;
    if (events.length > transactionCapacity) {
      return `${events.length} events are above the transactionCapacity of ${transactionCapacity}`;
    }
    if (this.#fits(events)) {
      this.#commit(events, connection);
      return undefined;
    }
    if (this.#closed) return 'closed';
    return new Promise((resolve) => {
      const settle = (reason: string | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(retry);
        resolve(reason);
      };
      const retry = (): void => {
        if (this.#closed) return settle('closed');
        if (!this.#fits(events)) return;
        this.#commit(events, connection);
        settle(undefined);
      };
      const full = `the channel is full (capacity ${capacity}, ${this.#held} held)`;
      const timer = setTimeout(() => settle(full), this.#options.keepAliveMs);
      this.#waiting.add(retry);
    });
  }

  /** Takes out what is held, as a sink would; returns the events that were still kept. */
  drain(): ReceivedEvent[] {
    this.#held = 0;
    const events = this.log.clear();
    for (const retry of this.#waiting) retry();
    return events;
  }

  close(): void {
    this.#closed = true;
    for (const retry of this.#waiting) retry();
  }

  #fits(events: readonly ReceivedEvent[]): boolean {
    return !this.#closed && this.#held + events.length <= this.#options.capacity;
  }

  #commit(events: readonly ReceivedEvent[], connection: number): void {
    if (events.length === 0) return;
    this.#held += events.length;
    this.#received += events.length;
    this.log.push(events, Date.now(), connection);
    this.#committed(events, connection);
  }
}
