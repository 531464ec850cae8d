// The agents together: which of them gets the next batch. As Flume's sink processors, a group either fails over in order
// or balances the load.

import type { Agent } from './agent.ts';

export interface AgentGroup {
  readonly agents: readonly Agent[];
  /**
   * An agent that is ready for a batch. Where there is none, connections that would help are under way and an agent's
   * `changed` will follow.
   */
  pick(): Agent | undefined;
}

/**
 * Connects an agent that is worth it: where others are at work when it is connected, it has to prove itself by a ping, so
 * that no batch waits for it, and so that it is known to be well also where the others are always faster. So has one that was
 * silent, whoever else works.
 */
export function wake(agent: Agent, agents: readonly Agent[]): void {
  const isDoubtful = agent.condition.tag !== 'well' && !agent.condition.isPromising;
  agent.connect(
    () =>
      agent.condition.isSilent ||
      (isDoubtful && agents.some((other) => other !== agent && other.line.isOpen && other.condition.tag !== 'failing')),
  );
}
