// What a put costs while many events wait already and nobody takes them.
import { EmbeddedAgent } from 'flume-thrift-client';
import { eventPool, measure, report, settings } from './meter.mjs';

const { queued, events: count } = settings;
const pool = eventPool();
const agent = () =>
  new EmbeddedAgent({
    agents: '127.0.0.1:1',
    exitTimeoutMs: 0,
    channel: { capacity: 2_000_000, byteCapacity: 1024 * 1024 * 1024 },
  }).on('warning', () => {});
const fill = (target, events) => {
  for (let index = 0; index < events; index += 1) target.put(pool[index % pool.length]);
};

// Another agent warms up, so that the code is compiled for every length alike.
fill(agent(), 200_000);
const measured = agent();
fill(measured, queued);
const stop = measure();
fill(measured, count);
report({ events: count, ...stop() });
process.exit();
