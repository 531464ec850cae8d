// The group of a process that ends: all agents are dialled together, and only one that has answered a ping gets a batch, so
// that a mute one costs nothing. Among those that have, the first of the list.

import type { Agent } from './agent.ts';
import type { AgentGroup } from './agent-group.ts';

export class FirstAnswer implements AgentGroup {
  readonly agents: readonly Agent[];

  constructor(agents: readonly Agent[]) {
    this.agents = agents;
  }

  pick(): Agent | undefined {
    for (const agent of this.agents) agent.prove();
    return this.agents.find((agent) => agent.state === 'ready' && agent.line.isProven);
  }
}
