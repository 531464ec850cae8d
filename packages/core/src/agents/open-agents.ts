// The agents that the options name, and the group that says which of them gets a batch.

import type { ResolvedDelivery } from '../options/delivery-options.ts';
import { Agent, type AgentListener, type AgentOptions } from './agent.ts';
import type { AgentGroup } from './agent-group.ts';
import { batchSizes } from './batch-size.ts';
import { Failover } from './failover.ts';
import { FirstAnswer } from './first-answer.ts';
import { LoadBalancing } from './load-balancing.ts';

/** What the options do not say: how bytes are written, sockets are opened, and what time and chance are. */
export interface AgentWorld extends Pick<AgentOptions, 'protocol' | 'dial' | 'clock' | 'random'> {
  /** There is no time to wait for a mute agent. */
  readonly isLastMoment: boolean;
}

export function openAgents(resolved: ResolvedDelivery, world: AgentWorld, listener: AgentListener): AgentGroup {
  const { framed, connectTimeoutMs, requestTimeoutMs, batchSize, maxInFlight, connectionMaxAgeMs, retry } = resolved;
  // One that is the only one has no penalty: nothing is gained by leaving it alone.
  const maxDelayMs = resolved.agents.length > 1 ? Math.min(retry.maxDelayMs, resolved.maxPenaltyMs) : retry.maxDelayMs;
  const { isLastMoment, ...given } = world;
  const options: AgentOptions = {
    ...given,
    framed,
    connectTimeoutMs,
    requestTimeoutMs,
    batchSizes: batchSizes(batchSize),
    maxInFlight,
    connectionMaxAgeMs,
    backoff: { initialDelayMs: retry.initialDelayMs, maxDelayMs },
  };
  const agents = resolved.agents.map((endpoint) => new Agent(endpoint, options, listener));
  if (isLastMoment) return new FirstAnswer(agents);
  return resolved.processor === 'failover'
    ? new Failover(agents)
    : new LoadBalancing(agents, resolved.selector, world.random);
}
