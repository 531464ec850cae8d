// The heap of an agent: what a connection costs, and what an event costs that waits in a memory channel.
import { startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { callOf, connectMany } from './bare-client.ts';
import { liveHeapBytes, residentBytes, threads } from './java-process.ts';
import { rounded } from './statistics.ts';
import { roomy } from './throughput.ts';

/** Plain connections that stay open, each after one call of so many events: its buffer stays as large as its frame was. */
export async function heapPerConnection(batchSize: number, connections = 1_000) {
  await using agent = await startFlumeAgent(roomy);
  const frame = callOf(batchSize);
  const open = await connectMany(10, agent.port);
  for (const one of open) await one.call(frame);
  const before = liveHeapBytes(agent);
  const rss = residentBytes(agent);
  const more = await connectMany(connections, agent.port);
  for (const one of more) await one.call(frame);
  // What waits for the sink is not the connections'.
  await agent.metricsWhen(({ channel }) => channel.ChannelSize === 0);
  const grown = liveHeapBytes(agent) - before;
  const result = {
    batchSize,
    frameBytes: frame.length,
    connections,
    heapBytesPerConnection: rounded(grown / connections),
    residentBytesPerConnection: rounded((residentBytes(agent) - rss) / connections),
    threads: threads(agent),
  };
  for (const one of [...open, ...more]) one.close();
  return result;
}

/** Events of 4 headers and 200 bytes in a memory channel that nothing leaves. */
export async function heapPerEvent(events = 100_000) {
  await using agent = await startFlumeAgent({
    ...roomy,
    capacity: events,
    sink: { type: 'thrift', host: '127.0.0.1', port: 1 },
  });
  const [connection] = await connectMany(1, agent.port);
  const before = liveHeapBytes(agent);
  for (let sent = 0; sent < events - 1_000; sent += 1_000) await connection?.call(callOf(1_000));
  const waiting = (await agent.metrics()).channel.ChannelSize ?? 0;
  const grown = liveHeapBytes(agent) - before;
  connection?.close();
  return { events: waiting, bodyBytes: 200, headers: 4, heapBytesPerEvent: rounded(grown / waiting) };
}
