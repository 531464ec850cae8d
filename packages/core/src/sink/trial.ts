// A batch that failed and is set aside: it is tried again on a connection of its own, so that no other waits for it. It
// stays an open transaction meanwhile, so that nobody else takes its events.

import type { Agent } from '../agents/agent.ts';
import type { Backoff } from '../agents/backoff.ts';
import type { Transaction } from '../channel/channel.ts';
import type { Witness } from './witness.ts';

/** How a batch failed: the agent refused it, or its connection ended without an answer. */
export type Way = 'refused' | 'broken';

/** The story of a batch until now; its parts have the same. */
export interface Story {
  /** Of its first event in the channel. */
  readonly ordinal: number;
  /** When it was set aside. */
  readonly since: number;
  /** How it failed last, and how often it was tried. */
  way: Way;
  attempts: number;
}

/** An agent's deeds until the batch last failed with it and this counted. */
interface Mark {
  readonly passed: number;
  readonly flaws: number;
  /** Which of the batch's failures was the last with this agent. */
  last: number;
}

// Other batches that have to pass between two trials of an event, so that a link which breaks by chance never makes an event
// poison: with one batch in ten broken, which is the worst case, one event in a million.
const othersAround = 10;
const trialsOfPoison: Readonly<Record<Way, number>> = { broken: 3, refused: 10 };
// A channel may be full for so long.
const refusedForMs = 600_000;

export class Trial {
  readonly batch: Transaction;
  readonly story: Story;
  /** Failures of exactly this batch on a connection of its own. */
  failures = 0;
  isInFlight = false;
  /** Not before. */
  restEnd = 0;
  readonly backoff: Backoff;
  readonly #marks = new Map<Agent, Mark>();
  #marked = 0;
  /** Trials that count, others having passed before each, by how they failed; and what had passed anywhere at the last. */
  readonly #strikes: Record<Way, { count: number; passedAnywhere: number }> = {
    broken: { count: 0, passedAnywhere: 0 },
    refused: { count: 0, passedAnywhere: 0 },
  };
  /** An agent had taken a single event as large as this before; `again` one has since. */
  readonly #tookAsLarge: boolean;
  #tookAsLargeAgain = false;

  constructor(batch: Transaction, story: Story, backoff: Backoff, tookAsLarge: boolean) {
    this.batch = batch;
    this.story = { ...story };
    this.backoff = backoff;
    this.#tookAsLarge = tookAsLarge;
  }

  /** It failed with this agent, once more or before it was set aside. */
  marked(agent: Agent, witness: Witness): void {
    this.#marked += 1;
    this.#marks.set(agent, { passed: witness.passed, flaws: witness.flaws, last: this.#marked });
  }

  /** Which of its failures was the last with this agent, 0 where there was none: the smallest shows whose turn it is. */
  lastFailureWith(agent: Agent): number {
    return this.#marks.get(agent)?.last ?? 0;
  }

  /** Whether it is to be tried with this agent now: while others wait, not before enough of them have passed. */
  isFor(agent: Agent, witness: Witness, othersWait: boolean): boolean {
    const mark = this.#marks.get(agent);
    if (mark === undefined || !othersWait) return true;
    return witness.passed - mark.passed >= (this.failures === 0 ? 1 : othersAround);
  }

  /** It failed alone on a connection of its own. */
  failed(agent: Agent, witness: Witness, way: Way, passedAnywhere: number): void {
    const mark = this.#marks.get(agent);
    const strikes = this.#strikes[way];
    this.story.way = way;
    this.failures += 1;
    if (mark === undefined || mark.flaws !== witness.flaws) {
      if (mark !== undefined) this.#strikes.broken.count = 0;
      this.marked(agent, witness);
    } else if (witness.passed - mark.passed >= othersAround && strikes.count < trialsOfPoison[way]) {
      strikes.count += 1;
      strikes.passedAnywhere = passedAnywhere;
      this.marked(agent, witness);
    } else {
      // Too few passed to tell, and they count together with those of the next time; or the last trial that counts is made,
      // and others have to pass after it.
      this.#marked += 1;
      mark.last = this.#marked;
    }
  }

  /** An agent took another event of at least this one's size. */
  passedAsLarge(): void {
    this.#tookAsLargeAgain = true;
  }

  /**
   * Enough trials have failed, each with others passing before and after it, and nothing else that broke.
   *
   * @param agent one that has accepted another batch
   */
  isPoison(agent: Agent, witness: Witness, passedAnywhere: number, now: number): boolean {
    const mark = this.#marks.get(agent);
    if (this.batch.count > 1 || mark === undefined || mark.flaws !== witness.flaws) return false;
    if (witness.passed - mark.passed < othersAround) return false;
    if (this.#isProven('broken', passedAnywhere)) return true;
    return now - this.story.since >= refusedForMs && this.#isProvenRefused(passedAnywhere);
  }

  /** It may be given up where there is no room for another: all speaks against it but the time that a full channel may take. */
  givesWay(passedAnywhere: number): boolean {
    return !this.isInFlight && this.batch.count === 1 && this.#isProvenRefused(passedAnywhere);
  }

  #isProven(way: Way, passedAnywhere: number): boolean {
    const strikes = this.#strikes[way];
    return strikes.count >= trialsOfPoison[way] && passedAnywhere - strikes.passedAnywhere >= othersAround;
  }

  /** A full channel refuses too, for a while, and large events longer than others. */
  #isProvenRefused(passedAnywhere: number): boolean {
    return this.#isProven('refused', passedAnywhere) && (!this.#tookAsLarge || this.#tookAsLargeAgain);
  }
}
