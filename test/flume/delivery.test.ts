// Delivery to real agents that die, come back, are full or take only small batches: nothing is lost, the client's books
// balance. What was delivered is what comes out of the agents: Thrift source → channel → Flume's Thrift sink → dev agent.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type DeliveryOptions, EmbeddedAgent, type FlumeError, type Stats } from 'flume-thrift-client';
import { Arrivals, Load } from './arrivals.ts';
import { type FlumeAgent, type FlumeAgentOptions, startFlumeAgent } from './flume-agent.ts';
import { freePorts } from './ports.ts';

// Short rests, since the agents here are back within seconds.
const retry = { initialDelayMs: 50, maxDelayMs: 500 };
const sinkBatchSize = 100;

test('a file channel behind the source, killed 20 times under load: every event comes out', async (t) => {
  const kills = 20;
  const arrivals = await startArrivals(t);
  const agent = await startAgent(t, arrivals.port, { channel: 'file' });
  const { client, warnings } = startClient(t, [agent], { retry });
  const load = new Load(client);

  for (let kill = 1; kill <= kills; kill += 1) {
    // More than is delivered before the kill, so that it finds calls in flight; at a different moment each time.
    const { delivered } = client.stats();
    load.put(2_000);
    await until(() => client.stats().delivered > delivered + ((kill * 617) % 1_000));
    await agent.kill();
    load.put(100);
    await agent.restart();
  }

  const { queued } = await client.flush({ timeoutMs: 30_000 });
  assert.equal(queued, 0);
  await arrivals.all(load.count, 60_000);
  const stats = client.stats();
  assertNothingLost(stats, load.count);
  // Twice may come what was in flight at a kill, to the agent and from it.
  assert.ok(stats.retried > 0);
  assert.ok(arrivals.duplicates <= stats.retried + kills * sinkBatchSize);
  // 4 batches in flight at most, of up to 1,000, and 1 that the agent refuses while it is being started or is busy.
  assert.ok(stats.retried <= kills * 5 * 1_000, `${stats.retried} sent again`);
  // One warning for each outage and one for its end.
  assert.deepEqual(
    warnings.map(({ code }) => code === 'FLUME_RECOVERED'),
    Array.from({ length: 2 * kills }, (_, index) => index % 2 === 1),
  );
  t.diagnostic(`${load.count} events, ${stats.retried} sent again, ${arrivals.duplicates} duplicates`);
});

test('two agents, the first killed under load: the second takes over, and the first again after its restart', async (t) => {
  const arrivals = await startArrivals(t);
  // A memory channel would lose what the killed agent has acknowledged.
  const start = () => startAgent(t, arrivals.port, { channel: 'file' });
  const [first, second] = await Promise.all([start(), start()]);
  const { client, warnings } = startClient(t, [first, second], { retry });
  const load = new Load(client);
  t.after(() => load.stop());
  load.start();

  await first.metricsWhen(({ source }) => accepted(source) >= 1_000);
  assert.equal(accepted((await second.metrics()).source), 0);

  await first.kill();
  await second.metricsWhen(({ source }) => accepted(source) >= 1_000);
  assert.deepEqual(
    client.stats().agents.map(({ lastError }) => lastError === undefined),
    [false, true],
  );

  await first.restart();
  await first.metricsWhen(({ source }) => accepted(source) >= 1_000);
  // From now on the second gets nothing, although it works.
  const before = accepted((await second.metrics()).source);
  await first.metricsWhen(({ source }) => accepted(source) >= 3_000);
  assert.equal(accepted((await second.metrics()).source), before);
  load.stop();

  const { queued } = await client.flush({ timeoutMs: 20_000 });
  assert.equal(queued, 0);
  await arrivals.all(load.count);
  const stats = client.stats();
  assertNothingLost(stats, load.count);
  assert.ok(arrivals.duplicates <= stats.retried + sinkBatchSize);
  assert.equal(warnings.length, 2);
  assert.ok(warnings.every(({ message }) => message.includes(`${first.host}:${first.port}`)));
  assert.equal(warnings[1]?.code, 'FLUME_RECOVERED');
  t.diagnostic(`${load.count} events, ${stats.retried} sent again, ${arrivals.duplicates} duplicates`);
});

test('a memory channel that is full: the client waits, gives nothing up, and delivers all when there is room', async (t) => {
  const capacity = 250;
  const total = 3_000;
  // The agent's sink has nowhere to go as yet.
  const [port] = (await freePorts(1)) as [number];
  const agent = await startAgent(t, port, { capacity, transactionCapacity: 100 });
  const { client, warnings } = startClient(t, [agent], { retry });
  new Load(client).put(total);

  const outage = performance.now();
  await until(() => (client.stats().agents[0]?.failures ?? 0) >= 2);
  const seconds = (performance.now() - outage) / 1_000;
  const full = client.stats();
  const { source, channel } = await agent.metrics();
  // The client slows down: it asks again with one call at a time, after a rest.
  assert.ok((full.agents[0]?.inFlight ?? 0) <= 1);
  assert.ok(accepted(source) <= capacity);
  assert.ok((channel.ChannelSize ?? 0) <= capacity);
  assertBalanced(full);
  assert.equal(full.delivered, accepted(source));
  assert.equal(full.queued.events, total - full.delivered);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['ERR_FLUME_FAILED'],
  );

  const arrivals = await startArrivals(t, port);
  const { queued } = await client.flush({ timeoutMs: 60_000 });
  assert.equal(queued, 0);
  await arrivals.all(total);
  assertNothingLost(client.stats(), total);
  // An answer was never unknown, so nothing came twice.
  assert.equal(arrivals.duplicates, 0);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['ERR_FLUME_FAILED', 'FLUME_RECOVERED'],
  );
  t.diagnostic(`${received(source) - answered(source)} calls refused in ${seconds.toFixed(1)} s`);
});

test('a transactionCapacity of 10 against batches of 100: the client learns it, and everything is delivered', async (t) => {
  const arrivals = await startArrivals(t);
  const agent = await startAgent(t, arrivals.port, { capacity: 10_000, transactionCapacity: 10 }, 10);
  const { client, warnings } = startClient(t, [agent], { retry });
  const load = new Load(client);
  load.put(150);
  assert.equal((await client.flush()).queued, 0);
  // Larger ones were refused, and what lies between the last two is searched.
  assert.equal(client.stats().agents[0]?.batchSize, 10);
  load.put(5_000);
  const { queued } = await client.flush({ timeoutMs: 20_000 });
  assert.equal(queued, 0);
  await arrivals.all(5_150);
  const stats = client.stats();
  assertNothingLost(stats, 5_150);
  // A ceiling that was found holds for an hour, or until the agent restarts.
  assert.equal(stats.agents[0]?.batchSize, 10);
  assert.equal(arrivals.duplicates, 0);
  const { source } = await agent.metrics();
  const refused = received(source) - answered(source);
  t.diagnostic(`${answered(source)} calls accepted, ${refused} refused`);
  // Not an outage: the agent works. But the user is told what would be better.
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['FLUME_NOTICE'],
  );
});

async function startArrivals(t: TestContext, port?: number): Promise<Arrivals> {
  const arrivals = new Arrivals();
  await arrivals.listen(port);
  t.after(() => arrivals.close());
  return arrivals;
}

/** An agent whose sink sends on to `port`. */
async function startAgent(
  t: TestContext,
  port: number,
  options: FlumeAgentOptions,
  batchSize = sinkBatchSize,
): Promise<FlumeAgent> {
  const agent = await startFlumeAgent({ ...options, sink: { type: 'thrift', host: '127.0.0.1', port, batchSize } });
  t.after(() => agent.stop());
  return agent;
}

function startClient(t: TestContext, agents: readonly FlumeAgent[], options: DeliveryOptions) {
  const client = new EmbeddedAgent({ agents: agents.map(({ host, port }) => ({ host, port })), ...options });
  const warnings: FlumeError[] = [];
  client.on('warning', (warning) => warnings.push(warning));
  t.after(() => client.close({ timeoutMs: 0 }));
  return { client, warnings };
}

/** What a client does cannot be awaited, only asked for. */
async function until(check: () => boolean, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!check()) {
    if (performance.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${check}`);
    await delay(5);
  }
}

function assertBalanced({ accepted, delivered, dropped, queued }: Stats): void {
  assert.equal(delivered + sum(dropped) + queued.events, accepted);
}

function assertNothingLost(stats: Stats, total: number): void {
  assertBalanced(stats);
  assert.equal(sum(stats.dropped), 0);
  assert.deepEqual([stats.accepted, stats.delivered, stats.queued], [total, total, { events: 0, bytes: 0 }]);
}

const sum = (counts: Stats['dropped']) => Object.values(counts).reduce((total, count) => total + count, 0);

type SourceMetrics = Readonly<Record<string, number>>;
const accepted = ({ EventAcceptedCount = 0 }: SourceMetrics) => EventAcceptedCount;
const received = ({ AppendBatchReceivedCount = 0 }: SourceMetrics) => AppendBatchReceivedCount;
const answered = ({ AppendBatchAcceptedCount = 0 }: SourceMetrics) => AppendBatchAcceptedCount;
