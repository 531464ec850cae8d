// Metrics, by the real SDK: the numbers are those of stats().
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { startDevAgent } from '../../dev-agent/src/index.ts';
import { EmbeddedAgent } from '../src/index.ts';
import { observe } from '../src/opentelemetry.ts';
import { leakCheck } from './leak-check.ts';

class Collector {
  readonly #exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: this.#exporter, exportIntervalMillis: 3_600_000 })],
  });

  /** By name, as it stands now. */
  async metrics(): Promise<Map<string, MetricData>> {
    this.#exporter.reset();
    await this.provider.forceFlush();
    const scopes = this.#exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    return new Map(scopes.flatMap((scope) => scope.metrics.map((metric) => [metric.descriptor.name, metric] as const)));
  }

  /** Of counters and gauges, the value of each set of attributes. */
  async values(): Promise<Record<string, unknown>> {
    const all = [...(await this.metrics())].filter(([name]) => name !== 'flume.batch.duration');
    return Object.fromEntries(
      all.map(([name, { dataPoints }]) => {
        const points = dataPoints as DataPoint<number>[];
        if (points.length === 1 && Object.keys(points[0]?.attributes ?? {}).length === 0)
          return [name, points[0]?.value];
        return [name, Object.fromEntries(points.map(({ attributes, value }) => [Object.values(attributes)[0], value]))];
      }),
    );
  }
}

/** What the metrics are to be by the books. */
function expected(...agents: EmbeddedAgent[]): Record<string, unknown> {
  const all = agents.map((agent) => agent.stats());
  const sum = (pick: (stats: (typeof all)[number]) => number): number => all.reduce((n, stats) => n + pick(stats), 0);
  const reasons = Object.keys(all[0]?.dropped ?? {}) as (keyof (typeof all)[number]['dropped'])[];
  const remote = all.flatMap((stats) => stats.agents);
  return {
    'flume.channel.events': sum(({ queued }) => queued.events),
    'flume.channel.size': sum(({ queued }) => queued.bytes),
    'flume.events.accepted': sum(({ accepted }) => accepted),
    'flume.events.recovered': sum(({ recovered }) => recovered),
    'flume.events.delivered': sum(({ delivered }) => delivered),
    'flume.events.retried': sum(({ retried }) => retried),
    'flume.events.dropped': Object.fromEntries(
      reasons.map((reason) => [reason, sum(({ dropped }) => dropped[reason])]),
    ),
    'flume.agent.in_flight': Object.fromEntries(remote.map(({ name, inFlight }) => [name, inFlight])),
    'flume.agent.healthy': Object.fromEntries(
      remote.map(({ name, lastError }) => [name, lastError === undefined ? 1 : 0]),
    ),
  };
}

function withoutAgents(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('flume.agent.')));
}

describe('observe', () => {
  leakCheck();

  it('counts what stats() counts, of all agents together', async () => {
    const collector = new Collector();
    const stop = observe({ meter: collector.provider.getMeter('test') });
    await using source = await startDevAgent({ port: 0 });
    await using other = await startDevAgent({ port: 0 });
    const options = {
      retry: { initialDelayMs: 1 },
      channel: { capacity: 50 },
      batchSize: 10,
      maxEventBytes: 500,
      oversize: 'drop',
    } as const;
    const first = new EmbeddedAgent({ port: source.port, ...options }).on('warning', () => {});
    const second = new EmbeddedAgent({ port: other.port, ...options }).on('warning', () => {});

    source.script(['reset', 'failed']);
    for (let n = 0; n < 60; n++) first.put({ body: `event ${n}` });
    second.put({ body: 'x'.repeat(1_000) });
    second.put({ body: 'x' });
    assert.deepEqual(await collector.values(), expected(first, second), 'queued');
    await Promise.all([first.flush(), second.flush()]);
    const delivered = expected(first, second);
    assert.deepEqual(await collector.values(), delivered, 'delivered');
    assert.equal(delivered['flume.events.delivered'], 51);

    const duration = (await collector.metrics()).get('flume.batch.duration');
    const points = duration?.dataPoints as DataPoint<Histogram>[];
    const ok = points.filter(({ attributes }) => attributes['error.type'] === undefined);
    assert.deepEqual(
      new Set(ok.map(({ attributes }) => attributes['flume.agent.name'])),
      new Set([`127.0.0.1:${source.port}`, `127.0.0.1:${other.port}`]),
    );
    assert.deepEqual(
      new Set(points.map(({ attributes }) => attributes['error.type'])),
      new Set([undefined, 'ERR_FLUME_CONNECTION_LOST', 'ERR_FLUME_FAILED']),
    );
    assert.equal(duration?.descriptor.unit, 's');

    // What closed agents have counted stays, and what is put there is lost.
    await first.close();
    first.put({ body: 'late' });
    await second.close();
    // The SDK repeats the last that it heard of an agent, so these are compared without.
    assert.deepEqual(withoutAgents(await collector.values()), withoutAgents(expected(first, second)), 'closed');
    stop();
    await collector.provider.shutdown();
  });

  it('sees an agent that was there before, what it loses at its close, and whether it fails', async () => {
    const collector = new Collector();
    metrics.setGlobalMeterProvider(collector.provider);
    const source = await startDevAgent({ port: 0 });
    await source.close();
    const agent = new EmbeddedAgent({ port: source.port, closeTimeoutMs: 1, flushTimeoutMs: 100 });
    const failed = new Promise((resolve) => agent.on('warning', resolve));
    const stop = observe();
    agent.put({ body: 'x' });
    await Promise.all([agent.flush(), failed]);
    const values = await collector.values();
    assert.deepEqual(values, expected(agent));
    assert.deepEqual(values['flume.agent.healthy'], { [`127.0.0.1:${source.port}`]: 0 });
    await agent.close();
    const after = await collector.values();
    assert.equal(after['flume.channel.events'], 0);
    assert.equal((after['flume.events.dropped'] as Record<string, number>).closed, 1);
    stop();
    const late = new EmbeddedAgent().on('warning', () => {});
    await late.close();
    late.put({ body: 'x' });
    assert.deepEqual(await collector.values(), after, 'stopped');
    await collector.provider.shutdown();
    metrics.disable();
  });
});
