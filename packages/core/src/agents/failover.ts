// Failover: the first agent of the list that works gets everything. One that failed is tried again after its rest, by a
// ping while others work, and gets the traffic back when it answers.

import type { Agent } from './agent.ts';
import { type AgentGroup, wake } from './agent-group.ts';

export class Failover implements AgentGroup {
  readonly agents: readonly Agent[];

  constructor(agents: readonly Agent[]) {
    this.agents = agents;
  }

  pick(): Agent | undefined {
    for (const agent of this.agents) {
      if (agent.state === 'idle') wake(agent, this.agents);
      if (agent.state === 'ready') return agent;
      // A healthy agent that is busy or about to connect is waited for, which keeps the events in order. So is the
      // connection to one that has answered a ping, which would otherwise never get a batch where they are rare.
      if (agent.state === 'connecting' && (agent.condition.tag === 'well' || agent.condition.isPromising))
        return undefined;
      if (agent.state === 'busy' && agent.condition.tag === 'well') return undefined;
    }
    return undefined;
  }
}
