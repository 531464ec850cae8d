// An embedded agent's events when the process ends: a last drain while the event loop turns; after its last turn a worker
// thread gets what only memory has, and what became of that is settled in the channel.

import type { Agent } from './agents/agent.ts';
import type { Channel, Transaction } from './channel/channel.ts';
import type { Persistence } from './channel/persistence.ts';
import type { DeadLetterOption } from './options/dead-letter-option.ts';
import type { ResolvedDelivery } from './options/delivery-options.ts';
import type { ExitParcel, ExitReceipt } from './process/exit-delivery.ts';
import { lastWords, whyNot } from './process/last-words.ts';
import { type ExitParty, isEnding, joinExit, leaveExit } from './process/process-exit.ts';
import type { DropReason } from './stats.ts';

export interface LastDeliveryWorld {
  readonly channel: Channel;
  readonly persistence: Persistence;
  readonly agents: readonly Agent[];
  /** Delivers what is queued, while the process is kept alive. */
  drain(): void;
}

const batchEvents = 1_000;
const batchBytes = 1024 * 1024;
// An agent that failed so short a while ago is not tried again.
const freshFailureMs = 1_000;

let lastId = 0;

export class LastDelivery implements ExitParty {
  readonly #id = ++lastId;
  readonly #options: ResolvedDelivery;
  readonly #world: LastDeliveryWorld;
  readonly #channel: Channel;
  #hasJoined = false;
  /** The channel's tail at the last drain. */
  #drainedTail = 0;
  /** Handed over, and still in the channel: at a second time only what came after them is. */
  #givenEvents = 0;
  /** Events that the last line named. */
  #namedEvents = 0;
  #why: string | undefined;

  constructor(options: ResolvedDelivery, world: LastDeliveryWorld) {
    this.#options = options;
    this.#world = world;
    this.#channel = world.channel;
  }

  /** There is something to lose from now on. */
  join(): void {
    if (this.#hasJoined && !isEnding()) return;
    joinExit(this);
    this.#hasJoined = true;
  }

  /** There is nothing left to lose. */
  leave(): void {
    this.#hasJoined = false;
    leaveExit(this);
  }

  /** One line about the events that nobody will deliver any more, undefined where there are none. */
  lastWords(why: string | undefined): string | undefined {
    const { persistence } = this.#world;
    return lastWords(persistence.fleeting, why, persistence.illness);
  }

  drainAtExit(): void {
    // Events that were put meanwhile, by another listener of beforeExit say, deserve a drain of their own; the same do not.
    if (this.#channel.tail === this.#drainedTail) return;
    this.#drainedTail = this.#channel.tail;
    this.#world.drain();
  }

  giveAway(): { readonly parcel: ExitParcel; readonly timeoutMs: number } | undefined {
    const { exitTimeoutMs: timeoutMs } = this.#options;
    if (this.#world.persistence.save() || timeoutMs === 0) return undefined;
    if (this.#world.agents.every(({ condition }) => condition.sinceFailureMs < freshFailureMs)) return undefined;
    const parcel = this.#parcel();
    return parcel && { parcel, timeoutMs };
  }

  /** Settles what the worker says. Its events are counted, and not told apart: all of them end here. */
  settle(receipt: ExitReceipt | string): void {
    if (typeof receipt === 'string') {
      this.#why = receipt;
      return;
    }
    this.#why = receipt.why;
    this.#end(receipt.delivered, (transaction) => transaction.commit());
    for (const [reason, count] of Object.entries(receipt.dropped)) {
      this.#end(count, (transaction) => transaction.drop(reason as DropReason));
    }
    const { deadLetter } = this.#options;
    if (typeof deadLetter === 'function') tellDead(deadLetter, receipt);
  }

  /** Where events come one by one after the end, a line for each would be too many. */
  leftBehind(): string | undefined {
    const { queuedEvents } = this.#channel;
    if (queuedEvents < 2 * this.#namedEvents) return undefined;
    this.#namedEvents = queuedEvents;
    return this.lastWords(this.#why ?? whyNot(this.#world.agents));
  }

  /** All that was not handed over before, encoded as it is; undefined where there is nothing. */
  #parcel(): ExitParcel | undefined {
    // Batches in flight may have arrived: they are sent again.
    this.#channel.recall();
    const taken: Transaction[] = [];
    const take = (events: number): Transaction | undefined => {
      const transaction = this.#channel.takeFleeting(events, batchBytes);
      if (transaction !== undefined) taken.push(transaction);
      return transaction;
    };
    for (let left = this.#givenEvents; left > 0; ) {
      const old = take(Math.min(left, batchEvents));
      if (old === undefined) break;
      left -= old.count;
    }
    const batches: { count: number; bytes: Uint8Array }[] = [];
    for (let fresh = take(batchEvents); fresh !== undefined; fresh = take(batchEvents)) {
      batches.push({ count: fresh.count, bytes: Buffer.concat(fresh.views) });
    }
    this.#givenEvents = taken.reduce((sum, { count }) => sum + count, 0);
    for (const transaction of taken) transaction.rollback();
    if (batches.length === 0) return undefined;
    const { deadLetter, ...options } = this.#options;
    const wantsDead = typeof deadLetter === 'function';
    return { id: this.#id, options: wantsDead ? options : this.#options, batches, wantsDead };
  }

  #end(count: number, end: (transaction: Transaction) => void): void {
    for (let left = count; left > 0; ) {
      const transaction = this.#channel.takeFleeting(Math.min(left, batchEvents), batchBytes);
      if (transaction === undefined) return;
      left -= transaction.count;
      // Before it ends: whoever hears of that may put another, which is new.
      this.#givenEvents -= transaction.count;
      end(transaction);
    }
  }
}

function tellDead(deadLetter: Extract<DeadLetterOption, (...args: never) => unknown>, { dead }: ExitReceipt): void {
  for (const { headers, body, reason } of dead) {
    try {
      deadLetter({ headers, body: Buffer.from(body) }, reason);
    } catch {
      // There is nobody left whom to tell.
    }
  }
}
