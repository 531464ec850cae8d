// A real Flume agent with our dev agent as its next hop: what comes out of the agent can be looked at.
import { type DevAgent, type ReceivedEvent, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { type FlumeAgent, type FlumeAgentOptions, startFlumeAgent } from './flume-agent.ts';

export interface Chain {
  readonly agent: FlumeAgent;
  /** Waits for as many more events to come out of the agent, and takes them. */
  take(count: number): Promise<readonly ReceivedEvent[]>;
  stop(): Promise<void>;
}

export interface ChainOptions extends Omit<FlumeAgentOptions, 'sink'> {
  /** Of the agent's sink, default 100: no more than the channel's transactionCapacity. */
  readonly sinkBatchSize?: number;
}

/** Starts both. The events' way on is in the source's protocol as well. */
export async function startChain(options: ChainOptions = {}): Promise<Chain> {
  const { sinkBatchSize, ...agentOptions } = options;
  const protocol = options.protocol ?? 'compact';
  const next = await startDevAgent({ port: 0, protocol });
  try {
    const agent = await startFlumeAgent({ ...agentOptions, sink: thriftSink(next, protocol, sinkBatchSize) });
    let taken = 0;
    return {
      agent,
      async take(count) {
        taken += count;
        await next.waitFor(taken, { timeoutMs: 30_000 });
        return next.drain();
      },
      async stop() {
        await agent.stop();
        await next.close();
      },
    };
  } catch (error) {
    await next.close();
    throw error;
  }
}

function thriftSink(next: DevAgent, protocol: 'compact' | 'binary', batchSize = 100) {
  return { type: 'thrift', host: next.host, port: next.port, protocol, batchSize } as const;
}
