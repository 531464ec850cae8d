// Runs of several lengths, batches and bodies, one after another in one process, so that all run on the same compiled code:
// it has delivered `warmUp` events before the first, and `ownWarmUp` of a run's own before that is measured, by the same agent:
// its connection is open, and its memory there. Prints what each took.
import { EmbeddedAgent } from 'flume-thrift-client';
import { checkDelivered, deliver } from './agent-delivery.mjs';
import { eventPool, measure, report, settings } from './meter.mjs';
import { ourCall } from './our-call.mjs';

const { port, warmUp, ownWarmUp, shapes } = settings;

async function run({ events, batch, bodyBytes }) {
  const pool = eventPool(bodyBytes);
  const eventAt = (number) => pool[number % pool.length];
  const agent = new EmbeddedAgent({ agents: `127.0.0.1:${port}`, batchSize: batch, flushTimeoutMs: 600_000 });
  await agent.ready();
  await deliver(agent, eventAt, ownWarmUp, 100);
  const stop = measure();
  await deliver(agent, eventAt, events, 100);
  const numbers = stop();
  checkDelivered(agent, ownWarmUp + events);
  await agent.close();
  return { events, calls: events / batch, bytes: events * eventBytes(pool, batch), ...numbers };
}

/** Encoded bytes of an event, its part of the call included, on average. */
function eventBytes(pool, batch) {
  const batches = Array.from({ length: pool.length / batch }, (_, at) => pool.slice(at * batch, (at + 1) * batch));
  const call = ourCall('compact', batches);
  return batches.reduce((sum, _, index) => sum + call(index).length, 0) / pool.length;
}

await run({ events: warmUp, batch: 100, bodyBytes: 200 });
const runs = [];
for (const shape of shapes) runs.push(await run(shape));
report(runs);
process.exit();
