// The agents that the options name, and the group that says which of them gets a batch.

import type { ResolvedDelivery } from '../options/delivery-options.ts';
import { Agent, type AgentListener, type AgentOptions } from './agent.ts';
import type { AgentGroup } from './agent-group.ts';
import { batchSizes } from './batch-size.ts';
import { Failover } from './failover.ts';
import { FirstAnswer } from './first-answer.ts';
import { LoadBalancing } from './load-balancing.ts';
import { nextIdentity, preferred } from './preference.ts';

/** The world beside the options: how bytes are written, sockets are opened, and what time and chance are. */
export interface AgentWorld extends Pick<AgentOptions, 'protocol' | 'dial' | 'clock' | 'random'> {
  /** There is no time to wait for a mute agent. */
  readonly isLastMoment: boolean;
  /** Of this client among all others. */
  readonly identity?: string | undefined;
}

// Of agents by the client's own order, so many share its load.
const hashedWidth = 2;

export function openAgents(resolved: ResolvedDelivery, world: AgentWorld, listener: AgentListener): AgentGroup {
  const { framed, connectTimeoutMs, requestTimeoutMs, batchSize, maxInFlight, connectionMaxAgeMs, retry } = resolved;
  // One that is the only one has no penalty: nothing is gained by leaving it alone.
  const maxDelayMs = resolved.agents.length > 1 ? Math.min(retry.maxDelayMs, resolved.maxPenaltyMs) : retry.maxDelayMs;
  const { isLastMoment, identity, ...given } = world;
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
  const { processor, selector } = resolved;
  const isHashed = selector === 'hash';
  const endpoints = isHashed ? preferred(resolved.agents, identity ?? nextIdentity()) : resolved.agents;
  const agents = endpoints.map((endpoint) => new Agent(endpoint, options, listener));
  if (isLastMoment) return new FirstAnswer(agents);
  if (processor === 'failover') return new Failover(agents);
  const width = isHashed ? hashedWidth : agents.length;
  return new LoadBalancing(agents, { isRandom: selector === 'random', width, random: world.random });
}
