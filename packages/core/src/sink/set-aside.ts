// Batches that failed while others pass: the culprit in each is looked for by halves, and an event that fails alone again and
// again, with others passing around each trial, is poison. Nothing else waits for that.

import type { Agent, Outcome } from '../agents/agent.ts';
import { Backoff, type BackoffOptions } from '../agents/backoff.ts';
import type { Transaction } from '../channel/channel.ts';
import type { Clock, Random, Timer } from '../clock.ts';
import type { DropReason } from '../stats.ts';
import { type Story, Trial, type Way } from './trial.ts';
import { Witness } from './witness.ts';

export interface SetAsideOptions {
  readonly agents: readonly Agent[];
  readonly backoff: BackoffOptions;
  /** 0: for ever. */
  readonly maxAttempts: number;
  readonly clock: Clock;
  readonly random: Random;
  /** How many bytes the largest event of a batch has. */
  readonly largestEvent: (batch: Transaction) => number;
  /** There may be something to try. */
  readonly changed: () => void;
  readonly giveUp: (batch: Transaction, ordinal: number, reason: DropReason) => void;
  readonly sentAgain: (count: number) => void;
}

// So many are set aside at most. Where another comes then, the oldest event that gives way is given up for it; where there is
// none, the new one stays in line.
const maxSetAside = 100;
// A batch that fails alone again and again is tried ever more seldom, whatever is set for agents that fail.
const longestRestMs = 30_000;
// While somebody waits for the last events, none rests for longer.
const hurriedRestMs = 500;

export class SetAside {
  readonly #options: SetAsideOptions;
  /** In the order in which they were set aside. */
  #trials: Trial[] = [];
  readonly #witnesses = new Map<Agent, Witness>();
  /** Batches that any agent accepted. */
  #passed = 0;
  #timer: Timer | undefined;
  #isHurried = false;
  #isClosed = false;

  constructor(options: SetAsideOptions) {
    this.#options = options;
    for (const agent of options.agents) {
      this.#witnesses.set(agent, new Witness(new Backoff(options.backoff, options.random)));
    }
  }

  get isEmpty(): boolean {
    return this.#trials.length === 0;
  }

  /** A batch passed in line. */
  passed(agent: Agent, batch: Transaction): void {
    const witness = this.#witness(agent);
    witness.passed += 1;
    this.#passed += 1;
    // The average is cheap to know; the exact size is asked only where it matters.
    witness.largest = Math.max(witness.largest, batch.byteLength / batch.count);
    if (this.#trials.length === 0) return;
    if (this.#trials.some(({ story }) => story.way === 'refused')) this.#passedAsLarge(batch);
    this.#judge(agent);
  }

  /** A batch failed in line: whatever the reason, the agent or the way to it is not to be trusted now. */
  flawed(agent: Agent): void {
    this.#witness(agent).flaws += 1;
  }

  /** Sets a batch aside that failed in line. @returns false where there is no room */
  add(batch: Transaction, ordinal: number, agent: Agent, way: Way, attempts: number): boolean {
    if (this.#isClosed || (this.#trials.length >= maxSetAside && !this.#makeRoom())) return false;
    const story = { ordinal, since: this.#options.clock.now(), way, attempts };
    // Whole at first: most that break are innocent.
    const most = this.#isSearchShort(batch.count, attempts) ? this.#partSize(batch.count, attempts) : batch.count;
    this.#trials.push(...this.#split(batch, story, most, agent));
    return true;
  }

  /** Sends what is due, each batch on a connection of its own. @param othersWait there are batches in line */
  try(othersWait: boolean, settled: () => void): void {
    const now = this.#options.clock.now();
    const due = this.#trials.filter(({ isInFlight, restEnd }) => !isInFlight && restEnd <= now);
    // First those that may be innocent: the others may take a timeout each.
    for (const trial of due.sort((one, other) => Math.min(one.failures, 1) - Math.min(other.failures, 1))) {
      const agent = this.#agentFor(trial, othersWait);
      if (agent === undefined) continue;
      trial.isInFlight = true;
      const isThere = this.#isThere(agent);
      agent.try(trial.batch, (outcome) => {
        this.#settled(trial, agent, outcome, isThere);
        settled();
      });
    }
    this.#arm();
  }

  /** Gives up what waits, where all of it has smaller ordinals. */
  expire(ordinal: number): void {
    const isOld = (one: Trial): boolean => one.story.ordinal + one.batch.count <= ordinal;
    for (const trial of this.#trials.filter((one) => !one.isInFlight && isOld(one))) {
      this.#remove(trial);
      this.#options.giveUp(trial.batch, trial.story.ordinal, 'expired');
    }
  }

  /** Somebody waits: rests are short while this is on. */
  hurry(on: boolean): void {
    this.#isHurried = on;
    if (!on) return;
    const end = this.#options.clock.now() + hurriedRestMs;
    for (const one of [...this.#trials, ...this.#witnesses.values()]) one.restEnd = Math.min(one.restEnd, end);
    this.#arm();
  }

  /** Gives back to the channel what is not in flight; the rest follows when it is settled. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const trial of this.#trials) if (!trial.isInFlight) trial.batch.rollback();
    this.#trials = this.#trials.filter(({ isInFlight }) => isInFlight);
  }

  /** @param isThere the agent was known to answer others, so that a failure says something of this batch */
  #settled(trial: Trial, agent: Agent, outcome: Outcome, isThere: boolean): void {
    const { batch } = trial;
    const isOwn = outcome.tag !== 'broken' || (outcome.isOldest && outcome.how !== 'given up');
    trial.isInFlight = false;
    if (isOwn || this.#isClosed) this.#options.sentAgain(batch.count);
    if (outcome.tag === 'accepted') {
      this.#remove(trial);
      batch.commit();
      // It is no culprit, then: what it failed of before was something else.
      if (trial.failures > 0) this.flawed(agent);
      this.passed(agent, batch);
      return;
    }
    if (isOwn && outcome.tag === 'broken') {
      const witness = this.#witness(agent);
      const backoff = witness.broke();
      if (backoff !== undefined) witness.restEnd = this.#restEnd(backoff);
    }
    // A batch that was refused may be too large.
    const isAttempt = isOwn && !(outcome.tag === 'refused' && batch.count > 1);
    if (isAttempt) trial.story.attempts += 1;
    if (isAttempt && this.#options.maxAttempts > 0 && trial.story.attempts >= this.#options.maxAttempts) {
      this.#remove(trial);
      this.#options.giveUp(batch, trial.story.ordinal, 'attempts');
      return;
    }
    if (this.#isClosed) {
      this.#remove(trial);
      batch.rollback();
    } else if (!isOwn || !(isThere || this.#isTooLarge(agent, batch, outcome))) {
      trial.restEnd = this.#restEnd(trial.backoff);
    } else if (batch.count > 1) {
      const story = { ...trial.story, way: outcome.tag };
      const most = this.#partSize(batch.count, trial.story.attempts);
      this.#trials.splice(this.#trials.indexOf(trial), 1, ...this.#split(batch, story, most, agent));
    } else {
      trial.failed(agent, this.#witness(agent), outcome.tag, this.#passed);
      trial.restEnd = this.#restEnd(trial.backoff);
    }
  }

  /** The attempts that are left do not suffice to search by halves. */
  #isSearchShort(count: number, attempts: number): boolean {
    const { maxAttempts } = this.#options;
    return maxAttempts > 0 && maxAttempts - attempts <= Math.log2(count) + 1;
  }

  /** Halves; or with few attempts left as much smaller as it takes for the culprit to be alone at the last. */
  #partSize(count: number, attempts: number): number {
    const isShort = this.#isSearchShort(count, attempts);
    const parts = isShort ? Math.ceil(count ** (1 / (this.#options.maxAttempts - attempts))) : 2;
    return Math.ceil(count / Math.max(2, parts));
  }

  #split(batch: Transaction, story: Story, most: number, agent: Agent): Trial[] {
    let { ordinal } = story;
    const batches = most >= batch.count ? [batch] : batch.split(most);
    return batches.map((part) => {
      const trial = this.#trial(part, { ...story, ordinal });
      trial.marked(agent, this.#witness(agent));
      ordinal += part.count;
      return trial;
    });
  }

  #agentFor(trial: Trial, othersWait: boolean): Agent | undefined {
    const now = this.#options.clock.now();
    let best: Agent | undefined;
    for (const agent of this.#options.agents) {
      if (!agent.canTry || this.#witness(agent).restEnd > now) continue;
      // How it is will show by a batch in line; where there is none, by a ping.
      if (othersWait ? agent.condition.tag === 'failing' : !this.#isThere(agent)) {
        if (!othersWait) agent.question();
        continue;
      }
      if (!trial.isFor(agent, this.#witness(agent), othersWait)) continue;
      if (best === undefined || trial.lastFailureWith(agent) < trial.lastFailureWith(best)) best = agent;
    }
    return best;
  }

  #isTooLarge(agent: Agent, batch: Transaction, outcome: Outcome): boolean {
    return outcome.tag === 'refused' && !agent.batchSize.isUsual(batch.count);
  }

  /** It works, or has at least answered a ping; with a bound to the attempts they are all made, whoever is there. */
  #isThere(agent: Agent): boolean {
    return agent.condition.tag === 'well' || agent.condition.isPromising || this.#options.maxAttempts > 0;
  }

  #judge(agent: Agent): void {
    const now = this.#options.clock.now();
    const witness = this.#witness(agent);
    const isPoison = (trial: Trial): boolean => !trial.isInFlight && trial.isPoison(agent, witness, this.#passed, now);
    for (const trial of this.#trials.filter(isPoison)) {
      this.#remove(trial);
      this.#options.giveUp(trial.batch, trial.story.ordinal, 'poison');
    }
  }

  #passedAsLarge(batch: Transaction): void {
    const largest = this.#options.largestEvent(batch);
    for (const trial of this.#trials) if (largest >= trial.batch.byteLength) trial.passedAsLarge();
  }

  #makeRoom(): boolean {
    const oldest = this.#trials.find((trial) => trial.givesWay(this.#passed));
    if (oldest === undefined) return false;
    this.#remove(oldest);
    this.#options.giveUp(oldest.batch, oldest.story.ordinal, 'poison');
    return true;
  }

  #trial(batch: Transaction, story: Story): Trial {
    const { backoff, random } = this.#options;
    const largest = Math.max(...[...this.#witnesses.values()].map((witness) => witness.largest));
    const rests = { ...backoff, maxDelayMs: Math.max(longestRestMs, backoff.maxDelayMs) };
    return new Trial(batch, story, new Backoff(rests, random), largest >= batch.byteLength);
  }

  #restEnd(backoff: Backoff): number {
    const delayMs = backoff.next();
    return this.#options.clock.now() + (this.#isHurried ? Math.min(delayMs, hurriedRestMs) : delayMs);
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock, changed } = this.#options;
    const now = clock.now();
    if (this.#isClosed || this.#trials.every(({ isInFlight }) => isInFlight)) return;
    const waiting = this.#trials.filter(({ isInFlight }) => !isInFlight);
    const ends = [...waiting, ...this.#witnesses.values()].map(({ restEnd }) => restEnd).filter((end) => end > now);
    if (ends.length > 0) this.#timer = clock.after(Math.min(...ends) - now, changed);
  }

  #remove(trial: Trial): void {
    this.#trials.splice(this.#trials.indexOf(trial), 1);
  }

  #witness(agent: Agent): Witness {
    return this.#witnesses.get(agent) as Witness;
  }
}
