// What goes through an agent to the end: under more load than its sink takes, so the sink's pace is what is seen.
import { setTimeout as delay } from 'node:timers/promises';
import { type FlumeAgentOptions, startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { callOf, connectMany } from './bare-client.ts';
import { cpuSeconds } from './java-process.ts';
import { rounded } from './statistics.ts';
import { load, roomy } from './throughput.ts';

export interface Passage {
  readonly through: string;
  readonly eventsPerSecond: number;
  /** Of the agent, source, channel and sink together. */
  readonly agentCpuMicrosPerEvent: number;
  /** Calls that found the channel full for a whole keep-alive. */
  readonly refused: number;
}

const seconds = 6;

/** Events of 4 headers and 200 bytes in batches of 1,000; sinks take 1,000 as well. */
export async function passage(through: string, options: FlumeAgentOptions): Promise<Passage> {
  await using agent = await startFlumeAgent({ ...roomy, capacity: 20_000, keepAliveSeconds: 1, ...options });
  const connections = await connectMany(4, agent.port);
  const frame = callOf(1_000);
  const ended = load(connections, frame, { inFlight: 2, seconds: seconds + 3 });
  // The JVM warms up, and the channel becomes full where it does.
  await delay(2_000);
  const began = performance.now();
  const before = { taken: await taken(agent), cpu: cpuSeconds(agent) };
  await delay(seconds * 1_000);
  const events = (await taken(agent)) - before.taken;
  const cpu = cpuSeconds(agent) - before.cpu;
  const passed = (performance.now() - began) / 1_000;
  const { refused } = await ended;
  for (const connection of connections) connection.close();
  return {
    through,
    eventsPerSecond: rounded(events / passed),
    agentCpuMicrosPerEvent: rounded((cpu * 1e6) / events),
    refused,
  };
}

/** To a second agent, which throws all away, by so many Thrift sinks. */
export async function toNextAgent(channel: 'memory' | 'file', sinks: number): Promise<Passage> {
  await using next = await startFlumeAgent(roomy);
  const names = Array.from({ length: sinks }, (_, index) => `k${index + 1}`);
  const properties = Object.fromEntries(
    names.flatMap((name) => [
      [`sinks.${name}.type`, 'thrift'],
      [`sinks.${name}.hostname`, next.host],
      [`sinks.${name}.port`, next.port],
      [`sinks.${name}.batch-size`, 1_000],
      [`sinks.${name}.channel`, 'c1'],
    ]),
  );
  const sink = { type: 'thrift', host: next.host, port: next.port, batchSize: 1_000 } as const;
  // Awaited here: the next agent lives until this returns.
  return await passage(`${channel} channel, ${sinks} thrift ${sinks === 1 ? 'sink' : 'sinks'}`, {
    channel,
    sink,
    properties: { sinks: names.join(' '), ...properties },
  });
}

const taken = async (agent: { metrics(): Promise<{ channel: Readonly<Record<string, number>> }> }): Promise<number> =>
  (await agent.metrics()).channel['EventTakeSuccessCount'] ?? 0;
