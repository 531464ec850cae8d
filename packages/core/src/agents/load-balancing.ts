// Load balancing: every agent that works gets its share, in turn or by chance. A busy or failing one is passed over, so
// that it does not hold up the others.

import type { Random } from '../clock.ts';
import type { Agent } from './agent.ts';
import { type AgentGroup, wake } from './agent-group.ts';

export class LoadBalancing implements AgentGroup {
  readonly agents: readonly Agent[];
  readonly #selector: 'round_robin' | 'random';
  readonly #random: Random;
  #turn = 0;

  constructor(agents: readonly Agent[], selector: 'round_robin' | 'random', random: Random) {
    this.agents = agents;
    this.#selector = selector;
    this.#random = random;
  }

  pick(): Agent | undefined {
    const { length } = this.agents;
    for (const agent of this.agents) if (agent.state === 'idle') wake(agent, this.agents);
    const start = this.#selector === 'random' ? Math.floor(this.#random() * length) : this.#turn;
    for (let step = 0; step < length; step++) {
      const index = (start + step) % length;
      const agent = this.agents[index] as Agent;
      if (agent.state !== 'ready') continue;
      this.#turn = (index + 1) % length;
      return agent;
    }
    return undefined;
  }
}
