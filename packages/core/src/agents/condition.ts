// How an agent is, as far as its answers show: well, shaken by one failure, or failing. Each state owns what it holds, and
// leaving it ends that. A failing agent is left alone for a while, longer each time; the first OK makes it well again.

import type { Clock, Timer } from '../clock.ts';
import type { FlumeError } from '../errors.ts';
import type { AgentStats } from '../stats.ts';
import type { Backoff } from './backoff.ts';

type State =
  | { readonly tag: 'well' }
  /** It failed once, and has accepted nothing since. `hasAnswered`: but it has answered a ping. */
  | { readonly tag: 'shaken'; hasAnswered: boolean }
  /** It failed again, or in a way that leaves no doubt. */
  | { readonly tag: 'failing'; readonly since: number; error: FlumeError; hasAnswered: boolean };

interface Rest {
  readonly end: number;
  readonly timer: Timer;
}

// While somebody waits for the last events (flush, close), an agent that fails is not left alone for longer than this.
const hurriedRestMs = 500;

export class Condition {
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  readonly #rested: () => void;
  #state: State = { tag: 'well' };
  #rest: Rest | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #isSilent = false;
  #isHurried = false;

  /** @param rested is called when a rest is over */
  constructor(backoff: Backoff, clock: Clock, rested: () => void) {
    this.#backoff = backoff;
    this.#clock = clock;
    this.#rested = rested;
  }

  /** `shaken`: it failed once, and has accepted nothing since. */
  get tag(): State['tag'] {
    return this.#state.tag;
  }

  get isResting(): boolean {
    return this.#rest !== undefined;
  }

  /** It is not well, but has answered a ping since it last failed. */
  get isPromising(): boolean {
    return this.#state.tag !== 'well' && this.#state.hasAnswered;
  }

  /**
   * It said nothing in time, and nothing since. What it was sent may still wait for it, and be stored in the end, whatever
   * became of the connection: so it is to answer a ping before it is sent events again.
   */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Milliseconds since it last failed, where it has accepted nothing since. */
  get sinceFailureMs(): number {
    return this.#state.tag === 'well' ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#failedAt;
  }

  /** Rests in a row, and why, while it fails. */
  get stats(): Pick<AgentStats, 'failures' | 'lastError'> {
    const lastError = this.#state.tag === 'failing' ? this.#state.error.message : undefined;
    return { failures: this.#backoff.failures, lastError };
  }

  /** It answered a ping: the connection is good, which does not show that it takes events. */
  answered(): void {
    this.#isSilent = false;
    if (this.#state.tag !== 'well') this.#state.hasAnswered = true;
  }

  /** It took events. @returns for how long it had failed, in milliseconds, where it had */
  accepted(): number | undefined {
    this.#isSilent = false;
    const state = this.#state;
    this.#state = { tag: 'well' };
    this.#backoff.reset();
    return state.tag === 'failing' ? this.#clock.now() - state.since : undefined;
  }

  /** It said nothing in time; that it failed follows. */
  silent(): void {
    this.#isSilent = true;
  }

  /** A failure that may have been the batch's, or the network's: only a second one in a row is the agent's. */
  doubt(error: FlumeError, longestRestMs?: number): 'shaken' | 'begun' | 'failing' {
    if (this.#state.tag !== 'well') return this.fail(error, longestRestMs);
    this.#failedAt = this.#clock.now();
    this.#state = { tag: 'shaken', hasAnswered: false };
    return 'shaken';
  }

  /** It fails. @returns 'begun' where it did not before */
  fail(error: FlumeError, longestRestMs?: number): 'begun' | 'failing' {
    this.rest(longestRestMs);
    this.#failedAt = this.#clock.now();
    if (this.#state.tag === 'failing') {
      this.#state.error = error;
      this.#state.hasAnswered = false;
      return 'failing';
    }
    this.#state = { tag: 'failing', since: this.#clock.now(), error, hasAnswered: false };
    return 'begun';
  }

  /** Leaves the agent alone for a while. */
  rest(longestMs = Number.POSITIVE_INFINITY): void {
    const delayMs = Math.min(this.#backoff.next(), longestMs);
    this.#restUntil(this.#clock.now() + (this.#isHurried ? Math.min(delayMs, hurriedRestMs) : delayMs));
  }

  /** Keeps the rest that there is, and later ones, short while it is on. */
  hurry(on: boolean): void {
    this.#isHurried = on;
    if (on && this.#rest !== undefined) this.#restUntil(Math.min(this.#rest.end, this.#clock.now() + hurriedRestMs));
  }

  close(): void {
    this.#rest?.timer.cancel();
    this.#rest = undefined;
  }

  #restUntil(end: number): void {
    this.#rest?.timer.cancel();
    const timer = this.#clock.after(Math.max(0, end - this.#clock.now()), () => {
      this.#rest = undefined;
      this.#rested();
    });
    this.#rest = { end, timer };
  }
}
