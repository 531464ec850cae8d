/**
 * Metrics for OpenTelemetry, of every EmbeddedAgent in the process, those of the loggers' transports included: counts are read
 * from stats() when they are collected, durations come from the diagnostics channels.
 *
 * @module flume-thrift-client/opentelemetry
 */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type BatchObservableResult, type Meter, metrics } from '@opentelemetry/api';
import type { FlumeDiagnostics } from './observe/diagnostics.ts';
import { ProcessStats } from './observe/process-stats.ts';

export interface ObserveOptions {
  /** Where the metrics go. Default: `metrics.getMeter('flume-thrift-client')`, of the MeterProvider that is registered. */
  readonly meter?: Meter | undefined;
}

/**
 * Begins to measure all EmbeddedAgents of this process. Call it once, after the MeterProvider was registered; an agent that
 * was constructed before is seen with its next batch or loss.
 *
 * @returns what ends it
 *
 * @example
 * metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
 * const stop = observe();
 */
export function observe(options: ObserveOptions = {}): () => void {
  const meter = options.meter ?? metrics.getMeter('flume-thrift-client');
  const stats = new ProcessStats();
  const ends = [observeCounts(meter, stats), observeBatches(meter), () => stats.close()];
  return () => {
    for (const end of ends) end();
  };
}

function observeCounts(meter: Meter, stats: ProcessStats): () => void {
  const event = '{event}';
  const counter = (name: string, description: string) =>
    meter.createObservableCounter(name, { unit: event, description });
  const queuedEvents = meter.createObservableUpDownCounter('flume.channel.events', {
    unit: event,
    description: 'Events in the channel, those in flight included.',
  });
  const queuedBytes = meter.createObservableUpDownCounter('flume.channel.size', {
    unit: 'By',
    description: 'Encoded bytes of the events in the channel.',
  });
  const accepted = counter('flume.events.accepted', 'Events that were put.');
  const recovered = counter('flume.events.recovered', 'Events that a file channel found on disk.');
  const delivered = counter('flume.events.delivered', 'Events that an agent acknowledged.');
  const dropped = counter('flume.events.dropped', 'Events that were lost.');
  const retried = counter('flume.events.retried', 'Events that were sent again, each time counted.');
  const inFlight = meter.createObservableUpDownCounter('flume.agent.in_flight', {
    unit: '{batch}',
    description: 'Batches without an answer.',
  });
  const healthy = meter.createObservableGauge('flume.agent.healthy', {
    unit: '1',
    description: '1, or 0 while the agent fails.',
  });

  const observables = [queuedEvents, queuedBytes, accepted, recovered, delivered, dropped, retried, inFlight, healthy];
  const collect = (result: BatchObservableResult): void => {
    const now = stats.now();
    result.observe(queuedEvents, now.queued.events);
    result.observe(queuedBytes, now.queued.bytes);
    result.observe(accepted, now.accepted);
    result.observe(recovered, now.recovered);
    result.observe(delivered, now.delivered);
    result.observe(retried, now.retried);
    for (const [reason, count] of now.dropped) result.observe(dropped, count, { 'flume.drop.reason': reason });
    for (const [name, agent] of now.agents) {
      result.observe(inFlight, agent.inFlight, { 'flume.agent.name': name });
      result.observe(healthy, agent.isFailing ? 0 : 1, { 'flume.agent.name': name });
    }
  };
  meter.addBatchObservableCallback(collect, observables);
  return () => meter.removeBatchObservableCallback(collect, observables);
}

// From a LAN's milliseconds to requestTimeoutMs.
const durationBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

function observeBatches(meter: Meter): () => void {
  const duration = meter.createHistogram('flume.batch.duration', {
    unit: 's',
    description: 'From when a batch was written until the agent answered, or the connection ended.',
    advice: { explicitBucketBoundaries: durationBounds },
  });
  const delivered = (message: unknown): void => {
    const { agent, durationMs } = message as FlumeDiagnostics['flume:batch:delivered'];
    duration.record(durationMs / 1000, { 'flume.agent.name': agent });
  };
  const failed = (message: unknown): void => {
    const { agent, durationMs, error } = message as FlumeDiagnostics['flume:batch:failed'];
    duration.record(durationMs / 1000, { 'flume.agent.name': agent, 'error.type': error.code });
  };
  subscribe('flume:batch:delivered', delivered);
  subscribe('flume:batch:failed', failed);
  return () => {
    unsubscribe('flume:batch:delivered', delivered);
    unsubscribe('flume:batch:failed', failed);
  };
}
