// Which events there are to be shown, newest first, and the views of those that are near what is looked at.
import type { EventView, StreamedEvents } from './api.ts';
import { fetchEvents, fetchNumbers, previewCharacters } from './api.ts';

const viewsKept = 3_000;
const viewsFetched = 100;

export class EventLog {
  readonly #changed: (added: number) => void;
  readonly #views = new Map<number, EventView>();
  #query = '';
  #first = 1;
  #next = 1;
  /** Of what matches, oldest first; undefined where all do. */
  #numbers: number[] | undefined;
  #wanted: readonly number[] = [];
  #isFetching = false;
  /** Where the log of the agent stands while this one is paused. */
  #heldNext: number | undefined;
  #stream: EventSource | undefined;
  #generation = 0;

  /** @param changed is called with how many events came at the top */
  constructor(changed: (added: number) => void) {
    this.#changed = changed;
  }

  get length(): number {
    return this.#numbers?.length ?? this.#next - this.#first;
  }

  get isPaused(): boolean {
    return this.#heldNext !== undefined;
  }

  /** How many events came since the page was paused. */
  get heldBack(): number {
    return (this.#heldNext ?? this.#next) - this.#next;
  }

  /** The number of the event in that row; row 0 is the newest. */
  numberAt(row: number): number {
    return this.#numbers === undefined ? this.#next - 1 - row : (this.#numbers.at(-1 - row) ?? 0);
  }

  /** -1 where it is not among those that are shown. */
  rowOf(number: number): number {
    if (this.#numbers !== undefined) {
      const index = this.#numbers.lastIndexOf(number);
      return index < 0 ? -1 : this.#numbers.length - 1 - index;
    }
    return number >= this.#first && number < this.#next ? this.#next - 1 - number : -1;
  }

  view(number: number): EventView | undefined {
    return this.#views.get(number);
  }

  /** Shows what the query lets through, from now on. */
  async show(query: string): Promise<void> {
    const generation = ++this.#generation;
    this.#stream?.close();
    this.#query = query;
    const { first, next, numbers } = await fetchNumbers(query);
    if (generation !== this.#generation) return;
    if (next < this.#next) this.#views.clear();
    this.#first = first;
    this.#next = next;
    this.#numbers = query === '' ? undefined : numbers;
    if (this.#heldNext !== undefined) this.#heldNext = next;
    this.#follow(next - 1);
    this.#changed(0);
  }

  pause(): void {
    this.#heldNext = this.#next;
  }

  resume(): void {
    this.#heldNext = undefined;
    void this.show(this.#query);
  }

  /** Fetches the views of these events, of which the greatest is the first. */
  want(numbers: readonly number[]): void {
    this.#wanted = numbers.filter((number) => !this.#views.has(number));
    void this.#fetch();
  }

  /** The agent's state and its stats, as its stream tells them. */
  ontold: (event: 'open' | 'lost' | 'stats', data?: string) => void = () => {};

  #follow(after: number): void {
    const wanted = this.#query === '' ? `limit=60&preview=${previewCharacters}` : `only=numbers&${this.#query}`;
    const stream = new EventSource(`api/stream?after=${after}&${wanted}`);
    this.#stream = stream;
    let wasLost = false;
    stream.addEventListener('events', ({ data }: MessageEvent<string>) =>
      this.#receive(JSON.parse(data) as StreamedEvents),
    );
    stream.addEventListener('stats', ({ data }: MessageEvent<string>) => this.ontold('stats', data));
    stream.addEventListener('open', () => {
      this.ontold('open');
      // Another agent may be there by now.
      if (wasLost) void this.show(this.#query);
    });
    stream.addEventListener('error', () => {
      wasLost = true;
      this.ontold('lost');
    });
  }

  #receive(message: StreamedEvents): void {
    if (this.#heldNext === undefined) return this.#take(message);
    this.#heldNext = message.next;
    this.#changed(0);
  }

  #take({ first, next, events, numbers }: StreamedEvents): void {
    for (const view of events) this.#views.set(view.number, view);
    const before = this.length;
    let added = next - this.#next;
    let gone = Math.max(0, Math.min(first, next) - this.#first);
    if (this.#numbers !== undefined) {
      const known = this.#numbers.at(-1) ?? 0;
      const fresh = (numbers ?? []).filter((number) => number > known);
      added = fresh.length;
      this.#numbers.push(...fresh);
      gone = this.#numbers.findIndex((number) => number >= first);
      this.#numbers.splice(0, gone < 0 ? this.#numbers.length : gone);
    }
    this.#first = Math.max(first, this.#first);
    this.#next = next;
    this.#trim();
    if (added > 0 || this.length !== before || gone > 0) this.#changed(added);
  }

  async #fetch(): Promise<void> {
    if (this.#isFetching) return;
    this.#isFetching = true;
    const generation = this.#generation;
    try {
      while (this.#wanted.length > 0) {
        const [newest = 0] = this.#wanted;
        const views = await fetchEvents(this.#query, newest + 1, viewsFetched);
        if (generation !== this.#generation) break;
        for (const view of views) this.#views.set(view.number, view);
        this.#trim();
        const still = this.#wanted.filter((number) => !this.#views.has(number));
        // An event that is not there now is gone.
        if (still.length === this.#wanted.length) break;
        this.#wanted = still;
        this.#changed(0);
      }
    } catch {
      // The stream tells that the agent is gone.
    } finally {
      this.#isFetching = false;
      if (generation !== this.#generation && this.#wanted.length > 0) void this.#fetch();
    }
  }

  #trim(): void {
    for (const number of this.#views.keys()) {
      if (this.#views.size <= viewsKept) return;
      this.#views.delete(number);
    }
  }
}
