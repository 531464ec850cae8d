// A single event that cost its connection more than once. It is set aside, so that the others go on, and tried again after
// the same agent has accepted some of those. Only so can it be told from an agent that is ill: three failures while the
// others pass make it poison.

import type { Agent } from '../agents/agent.ts';
import type { Transaction } from '../channel/channel.ts';

const strikesOfPoison = 3;

export class Suspect {
  /** Of one event; stays open while it is a suspect, so that nobody else takes it. */
  readonly batch: Transaction;
  /** Not in flight now. */
  isWaiting = true;
  attempts: number;
  #agent: Agent;
  /** What the agent had accepted at the last strike. */
  #acceptedThen: number;
  #strikes = 1;

  constructor(batch: Transaction, agent: Agent) {
    this.batch = batch;
    this.attempts = batch.attempts + 1;
    this.#agent = agent;
    this.#acceptedThen = agent.acceptedBatches;
  }

  get isPoison(): boolean {
    return this.#strikes >= strikesOfPoison;
  }

  /** It is this agent's turn to try it: another one than before, or the same after it has accepted others. */
  isFor(agent: Agent, othersWait: boolean): boolean {
    if (!this.isWaiting) return false;
    return !othersWait || agent !== this.#agent || agent.acceptedBatches > this.#acceptedThen;
  }

  failed(agent: Agent, suspicious: boolean): void {
    this.isWaiting = true;
    this.attempts += 1;
    if (!suspicious) return;
    if (agent === this.#agent && agent.acceptedBatches > this.#acceptedThen) this.#strikes += 1;
    this.#agent = agent;
    this.#acceptedThen = agent.acceptedBatches;
  }
}
