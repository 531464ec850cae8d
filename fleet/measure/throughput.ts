// How much an agent takes: by the size of the batches, by `threads`, by its channel.
import { type FlumeAgentOptions, startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { type BareConnection, callOf, connectMany } from './bare-client.ts';
import { cpuSeconds, threads } from './java-process.ts';
import { median, quantile, rounded } from './statistics.ts';

/** Of one second and more of load, after a warm-up. */
export interface Throughput {
  readonly batchSize: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly eventsPerSecond: number;
  readonly callsPerSecond: number;
  /** Of the agent's process: what does not change when the machine does other things as well. */
  readonly agentCpuMicrosPerCall: number;
  readonly agentCpuMicrosPerEvent: number;
  readonly agentCores: number;
  /** From a call's write to its answer, the calls before it on the connection included. */
  readonly answerMs: { readonly p50: number; readonly p99: number };
  readonly refused: number;
  readonly threadsAfter: number;
}

export interface LoadShape {
  readonly batchSize: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly seconds: number;
}

/** The agent of the documentation, but for a channel that holds what a slow sink leaves. */
export const roomy: FlumeAgentOptions = {
  capacity: 200_000,
  transactionCapacity: 1_000,
  sink: { type: 'null', batchSize: 1_000 },
  heapMegabytes: 1_024,
  // The tests leave out the second compiler, for a quick start.
  jvmOptions: ['-XX:TieredStopAtLevel=4'],
};

/** Starts an agent with these options and puts each load on it in turn. */
export async function throughputs(options: FlumeAgentOptions, shapes: readonly LoadShape[]): Promise<Throughput[]> {
  await using agent = await startFlumeAgent(options);
  const results: Throughput[] = [];
  for (const shape of shapes) {
    const frame = callOf(shape.batchSize);
    const connections = await connectMany(shape.connections, agent.port);
    await load(connections, frame, { ...shape, seconds: Math.min(2, shape.seconds) });
    const cpu = cpuSeconds(agent);
    const began = performance.now();
    const { answers, refused } = await load(connections, frame, shape);
    const seconds = (performance.now() - began) / 1_000;
    const agentSeconds = cpuSeconds(agent) - cpu;
    for (const connection of connections) connection.close();
    const calls = answers.length;
    results.push({
      batchSize: shape.batchSize,
      connections: shape.connections,
      inFlight: shape.inFlight,
      eventsPerSecond: rounded((calls * shape.batchSize) / seconds),
      callsPerSecond: rounded(calls / seconds),
      agentCpuMicrosPerCall: rounded((agentSeconds * 1e6) / calls),
      agentCpuMicrosPerEvent: rounded((agentSeconds * 1e6) / calls / shape.batchSize),
      agentCores: rounded(agentSeconds / seconds, 2),
      answerMs: { p50: rounded(median(answers)), p99: rounded(quantile(answers, 0.99)) },
      refused,
      threadsAfter: threads(agent),
    });
  }
  return results;
}

/** Keeps so many calls in flight on each connection, for so long. */
export async function load(
  connections: readonly BareConnection[],
  frame: Uint8Array,
  { inFlight, seconds }: Pick<LoadShape, 'inFlight' | 'seconds'>,
): Promise<{ answers: number[]; refused: number }> {
  const answers: number[] = [];
  let refused = 0;
  const until = performance.now() + seconds * 1_000;
  const lane = async (connection: BareConnection): Promise<void> => {
    for (let from = performance.now(); from < until; ) {
      const answer = await connection.call(frame);
      const now = performance.now();
      if (answer !== 'ok') refused += 1;
      answers.push(now - from);
      from = now;
    }
  };
  await Promise.all(connections.flatMap((one) => Array.from({ length: inFlight }, () => lane(one))));
  return { answers, refused };
}
