// A single event that cost its connection more than once. It is set aside, so that the others go on, and tried again after
// the same agent has accepted some of those. Only so can it be told from an agent that is ill: three failures while the
// others pass make it poison.

import type { Agent } from '../agents/agent.ts';
import type { Blame, Transaction } from '../channel/channel.ts';

const strikesOfPoison = 3;

export class Suspect {
  /** Of one event; stays open while it is a suspect, so that nobody else takes it. */
  readonly batch: Transaction;
  /** The event's ordinal in the channel. */
  readonly ordinal: number;
  /** Not in flight now. */
  isWaiting = true;
  attempts: number;
  /** What each agent that it failed with had accepted by then. */
  readonly #acceptedThen = new Map<Agent, number>();
  #strikes = 1;

  constructor(batch: Transaction, ordinal: number, agent: Agent) {
    this.batch = batch;
    this.ordinal = ordinal;
    this.attempts = batch.attempts + 1;
    this.#acceptedThen.set(agent, agent.acceptedBatches);
  }

  get isPoison(): boolean {
    return this.#strikes >= strikesOfPoison;
  }

  /** It is this agent's turn to try it: for the first time, or again after the agent has accepted others. */
  isFor(agent: Agent, othersWait: boolean): boolean {
    if (!this.isWaiting) return false;
    return !othersWait || !this.#acceptedThen.has(agent) || this.#hasAcceptedSince(agent);
  }

  failed(agent: Agent, blame: Blame): void {
    this.isWaiting = true;
    if (blame !== 'none') this.attempts += 1;
    if (blame === 'suspicion' && this.#hasAcceptedSince(agent)) this.#strikes += 1;
    this.#acceptedThen.set(agent, agent.acceptedBatches);
  }

  #hasAcceptedSince(agent: Agent): boolean {
    return agent.acceptedBatches > (this.#acceptedThen.get(agent) ?? Number.POSITIVE_INFINITY);
  }
}
