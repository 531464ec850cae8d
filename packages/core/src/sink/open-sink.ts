// The sink that the options describe.

import type { AgentGroup } from '../agents/agent-group.ts';
import { batchSizes } from '../agents/batch-size.ts';
import type { Channel, Transaction } from '../channel/channel.ts';
import type { Clock, Random } from '../clock.ts';
import type { ResolvedDelivery } from '../options/delivery-options.ts';
import type { DropReason } from '../stats.ts';
import { largestEvent } from '../thrift/encoded-events.ts';
import type { Protocol } from '../thrift/protocol.ts';
import { Sink } from './sink.ts';

/** The world beside the options. */
export interface SinkWorld {
  readonly protocol: Protocol;
  readonly clock: Clock;
  readonly random: Random;
  /** Sees events before they are dropped. */
  readonly giveUp: (batch: Transaction, reason: DropReason) => void;
  /** Events can be given up now, which may take a disk. */
  readonly canGiveUp: () => boolean;
}

export function openSink(channel: Channel, group: AgentGroup, resolved: ResolvedDelivery, world: SinkWorld): Sink {
  const { batchSize, batchBytes, lingerMs, maxInFlight, retry } = resolved;
  return new Sink(channel, group, {
    ...world,
    dueEvents: batchSizes(batchSize).start,
    batchBytes,
    lingerMs,
    maxAttempts: retry.maxAttempts,
    maxAgeMs: retry.maxAgeMs,
    backoff: retry,
    keepsOrder: maxInFlight === 1 && group.agents.length === 1,
    largestEvent: (batch) => largestEvent(world.protocol, batch),
  });
}
