// The embedded agents of a transport, one after the other: each close ends one, and the next record opens another. Their
// books are kept as one.

import type { EmbeddedAgent, Stats } from 'flume-thrift-client';
import { settled, sum } from './total-stats.ts';

export class AgentSuccession {
  readonly #open: () => EmbeddedAgent;
  #agent: EmbeddedAgent;
  /** Agents before this one that are closing still, and the books of those that have closed. */
  readonly #fading = new Set<EmbeddedAgent>();
  #past: Stats | undefined;
  /** Events that the close of the present one has left. */
  left: number | undefined;

  constructor(open: () => EmbeddedAgent) {
    this.#open = open;
    this.#agent = open();
  }

  get agent(): EmbeddedAgent {
    return this.#agent;
  }

  stats(): Stats {
    const agents = [...this.#fading, this.#agent];
    return agents.reduce<Stats | undefined>((past, agent) => sum(past, agent.stats()), this.#past) as Stats;
  }

  /** @param timeoutMs by default the option closeTimeoutMs */
  async close(timeoutMs?: number): Promise<void> {
    const agent = this.#agent;
    const { queued } = await agent.close({ timeoutMs });
    if (agent === this.#agent) this.left = queued;
  }

  /** After a close: opens the next. */
  renew(): void {
    const old = this.#agent;
    this.#fading.add(old);
    void old.close().then(() => {
      this.#fading.delete(old);
      this.#past = settled(sum(this.#past, old.stats()));
    });
    this.#agent = this.#open();
    this.left = undefined;
  }
}
