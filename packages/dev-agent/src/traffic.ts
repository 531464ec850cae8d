// The command's counts: events and bytes, in all and since it last said so.
import type { ReceivedEvent } from './call.ts';

export class Traffic {
  readonly #now: () => number;
  #events = 0;
  #bytes = 0;
  #toldEvents = 0;
  #toldBytes = 0;
  #toldMs: number;

  /** @param now milliseconds, on a clock that never jumps */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#toldMs = now();
  }

  add({ body }: ReceivedEvent): void {
    this.#events++;
    this.#bytes += body.length;
  }

  /** Events and the bytes of their bodies. */
  get totals(): string {
    return `${plural(this.#events, 'event')}, ${sized(this.#bytes)}`;
  }

  /** The totals and the rates since the last time; undefined where nothing has come. */
  news(): string | undefined {
    const now = this.#now();
    const seconds = Math.max(0.001, (now - this.#toldMs) / 1000);
    const events = this.#events - this.#toldEvents;
    const bytes = this.#bytes - this.#toldBytes;
    this.#toldMs = now;
    this.#toldEvents = this.#events;
    this.#toldBytes = this.#bytes;
    if (events === 0) return undefined;
    return `${this.totals}; now ${plural(Math.round(events / seconds), 'event')}/s, ${sized(bytes / seconds)}/s`;
  }
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function sized(bytes: number): string {
  if (bytes < 1000) return plural(Math.round(bytes), 'byte');
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
