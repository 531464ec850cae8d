// Load balancing: every agent that works gets its share, or the first few of them in an order that is the client's own. Of
// those that are ready the one with the fewest calls in flight gets the batch, so that an agent which does not answer holds
// few; among equals it goes in turn or by chance. A busy or failing one is passed over, so that it does not hold up the others.

import type { Random } from '../clock.ts';
import type { Agent } from './agent.ts';
import { type AgentGroup, wake } from './agent-group.ts';

export interface BalancingOptions {
  /** By chance, else in turn. */
  readonly isRandom: boolean;
  /** So many agents that work are used at a time, the first of the list. */
  readonly width: number;
  readonly random: Random;
}

export class LoadBalancing implements AgentGroup {
  readonly agents: readonly Agent[];
  readonly #options: BalancingOptions;
  /** Begins anywhere: of many clients that start, each would open with the first agent. */
  #turn: number;

  constructor(agents: readonly Agent[], options: BalancingOptions) {
    this.agents = agents;
    this.#options = options;
    this.#turn = Math.floor(options.random() * agents.length);
  }

  pick(): Agent | undefined {
    const { isRandom, random } = this.#options;
    const length = this.#awaken();
    const start = isRandom ? Math.floor(random() * length) : this.#turn;
    let picked: Agent | undefined;
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length;
      const agent = this.agents[index] as Agent;
      if (agent.state !== 'ready' || (picked !== undefined && picked.line.inFlight <= agent.line.inFlight)) continue;
      picked = agent;
      this.#turn = index + 1;
    }
    return picked;
  }

  /** Connects those that are to be used, and failing ones before them. @returns how many that are */
  #awaken(): number {
    let working = 0;
    for (const [index, agent] of this.agents.entries()) {
      if (agent.state === 'idle') wake(agent, this.agents);
      if (agent.condition.tag !== 'failing') working += 1;
      if (working === this.#options.width) return index + 1;
    }
    return this.agents.length;
  }
}
