// The books of all EmbeddedAgents of the process together: those that are open are asked, those that were closed remembered.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { DropReason, Stats } from '../stats.ts';
import type { FlumeDiagnostics, ObservedMessage } from './diagnostics.ts';

type Source = ObservedMessage['source'];

/** The parts of `Stats` that add up. */
export class Totals {
  accepted = 0;
  recovered = 0;
  delivered = 0;
  retried = 0;
  readonly queued = { events: 0, bytes: 0 };
  readonly dropped = new Map<DropReason, number>();
  /** Flume's agents by their names; one fails while it does for any of those who use it. */
  readonly agents = new Map<string, { readonly inFlight: number; readonly isFailing: boolean }>();

  add(stats: Stats): void {
    this.addBooks(stats);
    this.queued.events += stats.queued.events;
    this.queued.bytes += stats.queued.bytes;
    for (const { name, inFlight, lastError } of stats.agents) {
      const before = this.agents.get(name);
      this.agents.set(name, {
        inFlight: inFlight + (before?.inFlight ?? 0),
        isFailing: lastError !== undefined || before?.isFailing === true,
      });
    }
  }

  /** Without what is only true of the present. */
  addBooks(books: Pick<Stats, 'accepted' | 'recovered' | 'delivered' | 'retried'> & Dropped): void {
    this.accepted += books.accepted;
    this.recovered += books.recovered;
    this.delivered += books.delivered;
    this.retried += books.retried;
    const reasons = books.dropped instanceof Map ? books.dropped : Object.entries(books.dropped);
    for (const [reason, count] of reasons) this.addDropped(reason as DropReason, count as number);
  }

  addDropped(reason: DropReason, count: number): void {
    this.dropped.set(reason, count + (this.dropped.get(reason) ?? 0));
  }
}

interface Dropped {
  readonly dropped: ReadonlyMap<DropReason, number> | Readonly<Record<DropReason, number>>;
}

export class ProcessStats {
  readonly #open = new Set<Source>();
  readonly #closed = new WeakSet<Source>();
  readonly #past = new Totals();

  /** Knows of the agents that are constructed from now on, and of others from what they tell. */
  constructor() {
    for (const name of telling) subscribe(name, this.#seen);
    subscribe('flume:close', this.#ended);
    subscribe('flume:drop', this.#dropped);
  }

  now(): Totals {
    const totals = new Totals();
    totals.addBooks(this.#past);
    for (const source of this.#open) totals.add(source.stats());
    return totals;
  }

  close(): void {
    for (const name of telling) unsubscribe(name, this.#seen);
    unsubscribe('flume:close', this.#ended);
    unsubscribe('flume:drop', this.#dropped);
    this.#open.clear();
  }

  readonly #seen = (message: unknown): void => {
    const { source } = message as ObservedMessage;
    if (!this.#closed.has(source)) this.#open.add(source);
  };

  readonly #ended = (message: unknown): void => {
    const { source } = message as ObservedMessage;
    const stats = source.stats();
    this.#open.delete(source);
    this.#closed.add(source);
    this.#past.addBooks(stats);
    // Events that it had still queued were lost when it closed.
    this.#past.addDropped('closed', stats.queued.events);
  };

  /** Events that are put into a closed agent are lost, and counted there where nobody looks any more. */
  readonly #dropped = (message: unknown): void => {
    const { source, count, reason } = message as FlumeDiagnostics['flume:drop'];
    if (!this.#closed.has(source)) return;
    this.#past.accepted += count;
    this.#past.addDropped(reason, count);
  };
}

const telling = ['flume:open', 'flume:batch:delivered', 'flume:batch:failed', 'flume:drop', 'flume:agent:state'];
