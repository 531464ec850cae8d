// Counts and measures what arrives, for the page and GET /api/stats: totals, rates by the second, latency, connections.
import type { CallRecord, ReceivedEvent } from '../call.ts';

export interface ConnectionView {
  readonly connection: number;
  readonly sinceMs: number;
  readonly calls: number;
  readonly events: number;
}

export interface Latency {
  /** Of the last thousand calls; null before the first. */
  readonly medianMs: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** Of one second. */
export interface Rate {
  /** Its beginning, in seconds since 1970. */
  readonly second: number;
  readonly events: number;
  /** Of bodies. */
  readonly bytes: number;
  readonly calls: number;
}

const secondsKept = 300;
const callsMeasured = 1_000;
const answersNamed = 100;

export class Monitor {
  readonly startedMs = Date.now();
  #accepted = 0;
  #bytes = 0;
  #calls = 0;
  readonly #answers = new Map<string, number>();
  readonly #rates: { second: number; events: number; bytes: number; calls: number }[] = [];
  readonly #connections = new Map<number, { sinceMs: number; calls: number; events: number }>();
  readonly #open = new Map<CallRecord, number>();
  readonly #latencies: number[] = [];
  #measured = 0;

  /** Events that were stored; each of them is in what was answered OK, or would have been. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Of the bodies of all events. */
  get bytes(): number {
    return this.#bytes;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Calls that are not answered yet. */
  get open(): number {
    return this.#open.size;
  }

  /** How many calls were answered how, in words. */
  get answers(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#answers);
  }

  /** The last five minutes, oldest first; seconds in which nothing came are left out. */
  get rates(): readonly Rate[] {
    const oldest = nowSeconds() - secondsKept;
    return this.#rates.filter(({ second }) => second > oldest);
  }

  get connections(): readonly ConnectionView[] {
    return [...this.#connections].map(([connection, view]) => ({ connection, ...view }));
  }

  get latency(): Latency {
    const sorted = [...this.#latencies].sort((one, other) => one - other);
    const at = (share: number): number | null => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
      return value === undefined ? null : Math.round(value * 1000) / 1000;
    };
    return { medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }

  called(call: CallRecord): void {
    this.#calls++;
    this.#rate().calls++;
    this.#open.set(call, performance.now());
    const connection = this.#connections.get(call.connection);
    if (connection !== undefined) connection.calls++;
  }

  answered(call: CallRecord, answer: string): void {
    const began = this.#open.get(call);
    this.#open.delete(call);
    if (began !== undefined) this.#latencies[this.#measured++ % callsMeasured] = performance.now() - began;
    const status = answer.startsWith('FAILED') ? 'FAILED' : answer;
    const name = this.#answers.has(status) || this.#answers.size < answersNamed ? status : 'other';
    this.#answers.set(name, (this.#answers.get(name) ?? 0) + 1);
  }

  committed(events: readonly ReceivedEvent[], from: number): void {
    const rate = this.#rate();
    let bytes = 0;
    for (const { body } of events) bytes += body.length;
    this.#accepted += events.length;
    this.#bytes += bytes;
    rate.events += events.length;
    rate.bytes += bytes;
    const connection = this.#connections.get(from);
    if (connection !== undefined) connection.events += events.length;
  }

  connected(connection: number): void {
    this.#connections.set(connection, { sinceMs: Date.now(), calls: 0, events: 0 });
  }

  disconnected(connection: number): void {
    this.#connections.delete(connection);
  }

  #rate(): { events: number; bytes: number; calls: number } {
    const second = nowSeconds();
    const newest = this.#rates.at(-1);
    if (newest !== undefined && newest.second >= second) return newest;
    const rate = { second, events: 0, bytes: 0, calls: 0 };
    this.#rates.push(rate);
    if (this.#rates.length > secondsKept) this.#rates.shift();
    return rate;
  }
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
