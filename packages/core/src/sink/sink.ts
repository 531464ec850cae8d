// The sink drains the channel: it cuts a batch when one is due, hands it to the agent that the group picks, and ends the
// batch's transaction by what became of it.

import type { Agent, Outcome } from '../agents/agent.ts';
import type { AgentGroup } from '../agents/agent-group.ts';
import type { BackoffOptions } from '../agents/backoff.ts';
import type { Channel, Transaction } from '../channel/channel.ts';
import type { Clock, Random, Timer } from '../clock.ts';
import type { DropReason } from '../stats.ts';
import { EventAges } from './event-ages.ts';
import { SetAside } from './set-aside.ts';
import type { Way } from './trial.ts';

export interface SinkOptions {
  /** So many events are sent without waiting for more. */
  readonly dueEvents: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  /** 0: for ever. */
  readonly maxAttempts: number;
  /** 0: for ever. */
  readonly maxAgeMs: number;
  readonly backoff: BackoffOptions;
  /** Batches that fail are tried in line more often before others pass them. */
  readonly keepsOrder: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly largestEvent: (batch: Transaction) => number;
  /** Sees events before they are dropped. */
  readonly giveUp: (batch: Transaction, reason: DropReason) => void;
  /** Events can be given up now, which may take a disk. */
  readonly canGiveUp: () => boolean;
}

/** Events of these ordinals are to be given up. */
interface Condemned {
  readonly from: number;
  readonly to: number;
  readonly reason: DropReason;
}

// How often a batch fails in line before it is set aside. Where the order matters, a full channel must not change it.
const failuresInLine: Readonly<Record<Way, number>> = { broken: 1, refused: 1 };
const failuresInOrder: Readonly<Record<Way, number>> = { broken: 3, refused: 10 };
const attemptsToSearch = 2;
// Given up in one turn of the event loop: they are decoded for the dead letters.
const mostGivenUp = 100;
const mostBytesGivenUp = 256 * 1024;

export class Sink {
  readonly #channel: Channel;
  readonly #group: AgentGroup;
  readonly #options: SinkOptions;
  readonly #ages: EventAges | undefined;
  readonly #aside: SetAside;
  #linger: Timer | undefined;
  /** Events of smaller ordinals have lingered long enough. */
  #dueTail = 0;
  #expired = 0;
  #condemned: Condemned[] = [];
  #scheduled = false;
  #pumping = false;
  #hurried = false;
  #closed = false;
  /** Events that were sent again, over all time. */
  retried = 0;

  constructor(channel: Channel, group: AgentGroup, options: SinkOptions) {
    this.#channel = channel;
    this.#group = group;
    this.#options = options;
    this.#ages = options.maxAgeMs > 0 ? new EventAges(options.maxAgeMs) : undefined;
    this.#aside = new SetAside({
      ...options,
      agents: group.agents,
      changed: () => this.resume(),
      giveUp: (batch, ordinal, reason) => this.#drop(batch, ordinal, reason),
      sentAgain: (count) => {
        this.retried += count;
      },
    });
  }

  /** An event was put. Does no work now, so that the logger never pays for the network. */
  wake(): void {
    this.#ages?.put(this.#channel.tail, this.#options.clock.now());
    if (this.#scheduled) return;
    if (this.#isDue()) this.#schedule();
    else this.#armLinger();
  }

  /** An agent changed, or events can be given up again. */
  resume(): void {
    if (!this.#scheduled && (this.#channel.availableEvents > 0 || !this.#aside.isEmpty)) this.#schedule();
  }

  /** Somebody waits: no batch lingers while this is on, and what is set aside rests for a short time only. */
  hurry(on: boolean): void {
    this.#hurried = on;
    this.#aside.hurry(on);
    // Not now: whoever hurries may be a listener in the middle of something, such as a failure not yet rolled back.
    if (on && !this.#scheduled) this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#disarmLinger();
    this.#aside.close();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#options.clock.soon(() => {
      this.#scheduled = false;
      this.#pump(true);
    });
    this.#scheduled = true;
  }

  /** @param isTurn this is the one time in this turn of the event loop when events may be given up */
  #pump(isTurn = false): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    try {
      if (!this.#buries(isTurn)) this.#send();
    } finally {
      this.#pumping = false;
    }
  }

  #send(): void {
    this.#aside.try(this.#channel.availableEvents > 0, () => this.#pump());
    while (this.#isDue()) {
      const agent = this.#group.pick();
      if (agent === undefined) return;
      if (!this.#sendNext(agent)) break;
    }
    if (this.#channel.availableEvents > 0) this.#armLinger();
    else this.#disarmLinger();
  }

  /** @returns false where there was nothing to send */
  #sendNext(agent: Agent): boolean {
    const ordinal = this.#channel.next?.ordinal;
    // Given up first, in a turn of its own.
    if (ordinal === undefined || this.#condemnation(ordinal) !== undefined) return false;
    const batch = this.#channel.take(agent.batchSize.next, this.#options.batchBytes);
    if (batch === undefined) return false;
    agent.send(batch, (outcome) => {
      this.#settled(batch, ordinal, agent, outcome);
      this.#pump();
    });
    return true;
  }

  #settled(batch: Transaction, ordinal: number, agent: Agent, outcome: Outcome): void {
    switch (outcome.tag) {
      case 'accepted':
        batch.commit();
        this.#aside.passed(agent, batch);
        return;
      case 'refused':
        if (!agent.batchSize.isUsual(batch.count)) return this.#return(batch, 'none');
        // A full channel refuses all: these stay in line, and single events take turns.
        if (batch.count > 1 && (agent.condition.tag === 'failing' || this.#options.keepsOrder)) {
          this.#aside.flawed(agent);
          return this.#return(batch, 'none');
        }
        return this.#failed(batch, ordinal, agent, 'refused');
      case 'broken':
        // Calls behind the one that broke the connection share its fate only.
        if (!outcome.isOldest || outcome.how === 'given up') return this.#return(batch, 'none');
        return this.#failed(batch, ordinal, agent, 'broken');
    }
  }

  /** One of its events may be why. */
  #failed(batch: Transaction, ordinal: number, agent: Agent, way: Way): void {
    this.#aside.flawed(agent);
    const { maxAttempts, keepsOrder } = this.#options;
    const isAttempt = way === 'broken' || batch.count === 1;
    const attempts = batch.attempts + (isAttempt ? 1 : 0);
    if (isAttempt && maxAttempts > 0 && attempts >= maxAttempts) {
      this.#drop(batch, ordinal, 'attempts');
      return;
    }
    // Where attempts are few, the last are for the search of the culprit.
    const mostAttempts = maxAttempts === 0 ? Number.POSITIVE_INFINITY : maxAttempts - attemptsToSearch;
    const most = Math.min((keepsOrder ? failuresInOrder : failuresInLine)[way], mostAttempts);
    const staysInLine = batch.ownFailures + 1 < most || !this.#aside.add(batch, ordinal, agent, way, attempts);
    if (staysInLine) this.#return(batch, isAttempt ? 'suspicion' : 'none');
  }

  #return(batch: Transaction, blame: 'none' | 'suspicion'): void {
    this.retried += batch.count;
    batch.rollback(blame);
  }

  /**
   * Gives up what is to be, a little at a time.
   *
   * @returns whether there is more, which must not be sent
   */
  #buries(isTurn: boolean): boolean {
    if (this.#ages !== undefined) {
      this.#expired = this.#ages.expired(this.#channel.tail, this.#options.clock.now());
      if (isTurn) this.#aside.expire(this.#expired);
    }
    let next = this.#channel.next;
    let condemned = next === undefined ? undefined : this.#condemnation(next.ordinal);
    if (next === undefined || condemned === undefined) return false;
    if (isTurn && this.#options.canGiveUp()) {
      const most = Math.min(mostGivenUp, condemned.to - next.ordinal);
      const batch = this.#channel.take(most, mostBytesGivenUp);
      // Not to be read now.
      if (batch === undefined) return false;
      this.#drop(batch, next.ordinal, condemned.reason);
      next = this.#channel.next;
      condemned = next === undefined ? undefined : this.#condemnation(next.ordinal);
      if (condemned === undefined) return false;
    }
    if (!this.#scheduled && this.#options.canGiveUp()) this.#schedule();
    return true;
  }

  #condemnation(ordinal: number): Condemned | undefined {
    if (ordinal < this.#expired) return { from: 0, to: this.#expired, reason: 'expired' };
    return this.#condemned.find(({ from, to }) => from <= ordinal && ordinal < to);
  }

  #drop(batch: Transaction, ordinal: number, reason: DropReason): void {
    const { count } = batch;
    if (count > mostGivenUp || !this.#options.canGiveUp()) {
      this.#condemned.push({ from: ordinal, to: ordinal + count, reason });
      batch.rollback();
      this.resume();
      return;
    }
    const isLast = ({ to }: Condemned): boolean => to <= ordinal + count && ordinal < to;
    this.#condemned = this.#condemned.filter((one) => !isLast(one));
    try {
      this.#options.giveUp(batch, reason);
    } finally {
      batch.drop(reason);
    }
  }

  #isDue(): boolean {
    const { availableEvents } = this.#channel;
    if (availableEvents === 0) return false;
    return (
      this.#hurried ||
      availableEvents >= this.#options.dueEvents ||
      this.#channel.returnedEvents > 0 ||
      this.#channel.availableBytes >= this.#options.batchBytes ||
      this.#channel.tail - availableEvents < this.#dueTail
    );
  }

  #armLinger(): void {
    this.#linger ??= this.#options.clock.after(this.#options.lingerMs, () => {
      this.#linger = undefined;
      this.#dueTail = this.#channel.tail;
      this.#pump();
    });
  }

  #disarmLinger(): void {
    this.#linger?.cancel();
    this.#linger = undefined;
  }
}
