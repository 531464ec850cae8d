// One client of the fleet: the real delivery code of a process, the application that logs through it, and what became of
// each of its events, as the agents saw it.

import { EmbeddedAgent } from '../packages/core/src/embedded-agent.ts';
import type { DeliveryOptions } from '../packages/core/src/options/delivery-options.ts';
import type { Dial } from '../packages/core/src/rpc/socket.ts';
import type { Chance } from '../test/delivery/chance.ts';
import type { VirtualClock } from '../test/delivery/virtual-clock.ts';
import type { Delays } from './delays.ts';
import type { Request } from './link.ts';

export interface ClientWorld {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly seed: number;
  readonly options: DeliveryOptions;
  readonly dial: (client: Client) => Dial;
  /** Events a second. */
  readonly rate: number;
  /** Where the delays of its events are kept, if they are. */
  readonly delays: Delays | undefined;
}

// Where events are many, some at a time.
const shortestMs = 50;

export class Client {
  readonly index: number;
  readonly #world: ClientWorld;
  #agent: EmbeddedAgent | undefined;
  #isLogging = true;
  /** The next event's number. */
  #next = 0;
  /** A bit for each event: an agent has it. */
  #seen = new Uint8Array(64);
  #stored = 0;
  /** Events put and due, a part of the next one included. */
  #due = 0;
  /** Events that the agent says are its own now, as this client heard. */
  #acked = 0;
  duplicates = 0;
  /** When it heard of a first event that was put after each of these moments. */
  readonly #moments: { readonly from: number; reachedAt: number | undefined }[] = [];

  constructor(index: number, world: ClientWorld) {
    this.index = index;
    this.#world = world;
  }

  start(): void {
    const { clock, chance, options, dial, seed } = this.#world;
    this.#agent = new EmbeddedAgent(options, {
      clock,
      random: chance.next,
      dial: dial(this),
      identity: `client ${seed} ${this.index}`,
    });
    this.#agent.on('warning', () => {});
    this.#tick(chance.next());
  }

  stop(): void {
    this.#isLogging = false;
  }

  /** Events that are not known to have arrived. */
  get open(): number {
    return this.#next - this.#acked;
  }

  get books(): { accepted: number; delivered: number; queued: number; dropped: Readonly<Record<string, number>> } {
    const stats = this.#agent?.stats();
    return {
      accepted: stats?.accepted ?? 0,
      delivered: stats?.delivered ?? 0,
      queued: stats?.queued.events ?? 0,
      dropped: stats?.dropped ?? {},
    };
  }

  /** Accepted, and neither with an agent, nor queued, nor dropped with a count. */
  get lost(): number {
    const { accepted, delivered, queued, dropped } = this.books;
    const droppedTotal = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    const unaccounted = accepted - droppedTotal - queued;
    return Math.max(0, unaccounted - this.#stored, unaccounted - delivered);
  }

  /** From now on it is to be seen when it delivers again. */
  disturbed(): void {
    this.#moments.push({ from: this.#next, reachedAt: undefined });
  }

  /** When it delivered again after each disturbance; undefined where it has not. */
  get recoveries(): readonly (number | undefined)[] {
    return this.#moments.map(({ reachedAt }) => reachedAt);
  }

  /** An agent has taken these. */
  committed({ runs }: Request, at: number): void {
    for (const { from, to } of runs) for (let id = from; id < to; id++) this.#store(id, at);
  }

  /** The client hears that they were. */
  delivered({ count, runs }: Request, at: number): void {
    this.#acked += count;
    for (const moment of this.#moments) {
      if (moment.reachedAt === undefined && runs.some(({ to }) => to > moment.from)) moment.reachedAt = at;
    }
  }

  #store(id: number, at: number): void {
    const byte = id >> 3;
    const bit = 1 << (id & 7);
    const seen = this.#seen[byte] as number;
    if ((seen & bit) > 0) {
      this.duplicates += 1;
      return;
    }
    this.#seen[byte] = seen | bit;
    this.#stored += 1;
    this.#world.delays?.ended(id, at);
  }

  /** @param part of the usual time until the next */
  #tick(part: number): void {
    const { clock, chance, rate } = this.#world;
    const usualMs = Math.max(shortestMs, 1_000 / rate);
    clock.at(clock.now() + usualMs * part, () => {
      if (!this.#isLogging) return;
      this.#due += (rate * usualMs) / 1_000;
      for (; this.#due >= 1; this.#due -= 1) this.#put();
      this.#tick(0.5 + chance.next());
    });
  }

  #put(): void {
    const isTaken = this.#agent?.put({ body: String(this.#next) });
    if (isTaken !== true) return;
    this.#world.delays?.began(this.#next, this.#world.clock.now());
    this.#next += 1;
    if (this.#next >= 8 * this.#seen.length) {
      const grown = new Uint8Array(2 * this.#seen.length);
      grown.set(this.#seen);
      this.#seen = grown;
    }
  }
}
