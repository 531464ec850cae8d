// What waiting events take: the growth of the process's memory over their encoded bytes, nobody listening.
import { EmbeddedAgent } from 'flume-thrift-client';
import { eventPool, report, settings } from './meter.mjs';

const { events: count, bodyBytes } = settings;
const used = () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const pool = eventPool(bodyBytes);
const agent = new EmbeddedAgent({
  // The port of nothing.
  agents: '127.0.0.1:1',
  exitTimeoutMs: 0,
  channel: { capacity: 1_000_000, byteCapacity: 1024 * 1024 * 1024 },
});
agent.on('warning', () => {});
for (let index = 0; index < 1_000; index += 1) agent.put(pool[index]);
const before = { used: used(), ...agent.stats().queued };
for (let index = 0; index < count; index += 1) agent.put(pool[index % pool.length]);
const after = { used: used(), ...agent.stats().queued };
const memory = after.used - before.used;
const bytes = after.bytes - before.bytes;
report({ events: after.events - before.events, memory, bytes, memoryRatio: memory / bytes });
process.exit();
