// The three charts with which docs/performance.md begins: how fast, at what price, and what the application feels.
import { type Outcome, spread } from './comparison.ts';
import type { Bar, Chart } from './drawing.ts';

/** Those for which the outcomes have figures. */
export function chartsOf(outcomes: readonly Outcome[]): Chart[] {
  return [rates(outcomes), prices(outcomes), latencies(outcomes)].filter((chart) => chart !== undefined);
}

function rates(outcomes: readonly Outcome[]): Chart | undefined {
  const outcome = outcomes.find(({ id }) => id === 'delivery-java-100');
  if (outcome === undefined) return undefined;
  const all = barsOf(outcome, 'eventsPerSecond');
  return {
    // The README shows it too.
    file: 'delivery-java-100-eventsPerSecond.svg',
    title: 'Events per second to a Java server that discards, bursts of 100',
    description: 'ours, Flume’s and libthrift’s Java clients, the thrift package, Python',
    bars: all.filter(({ name }) => !name.startsWith('bare socket')),
  };
}

// Sends each record in a request of its own: beside it no other bar could be seen.
const beyond = 'Http';

function prices(outcomes: readonly Outcome[]): Chart | undefined {
  const bars = ['pino', 'winston'].flatMap((logger) =>
    outcomes
      .filter(({ id }) => id === logger)
      .flatMap((outcome) => barsOf(outcome, 'cpuPerEvent'))
      .filter(({ name }) => name !== beyond)
      .map((bar) => ({ ...bar, name: `${logger}: ${bar.name}` })),
  );
  if (bars.length === 0) return undefined;
  return {
    file: 'loggers-cpuPerEvent.svg',
    title: 'CPU per record of the whole process (µs), pino’s and winston’s transports',
    description: 'pino-flume and winston-flume beside other transports, and loggers without any',
    bars,
  };
}

function latencies(outcomes: readonly Outcome[]): Chart | undefined {
  const outcome = outcomes.find(({ id }) => id === 'latency');
  if (outcome === undefined) return undefined;
  return {
    file: 'latency.svg',
    title: 'Time of a winston log call at 10,000 records a second: p50, p99, p99.9 (µs)',
    description:
      'winston-flume with a healthy, slow, absent, unsteady and mute agent, beside File and a no-op transport',
    dots: outcome.subjects.map(({ name, rounds }) => ({
      name,
      isSubject: isOurs(name),
      values: ['fastP50', 'fastP99', 'fastP999'].map((column) => spread(rounds, column).median),
    })),
  };
}

function barsOf({ subjects }: Outcome, column: string): Bar[] {
  return subjects.map(({ name, rounds }) => ({ name, isSubject: isOurs(name), ...spread(rounds, column) }));
}

const isOurs = (name: string): boolean => /\b(EmbeddedAgent|pino-flume|winston-flume)\b/.test(name);
