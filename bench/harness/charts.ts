// The three charts with which docs/performance.md begins: how fast, at what price, and what the application feels.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Outcome, spread } from './comparison.ts';

export interface Chart {
  readonly file: string;
  readonly title: string;
  /** What it shows, for who cannot see it. */
  readonly description: string;
  readonly bars?: readonly Bar[];
  /** On a logarithmic axis, in µs. */
  readonly dots?: readonly { readonly name: string; readonly values: readonly number[] }[];
}

interface Bar {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Those for which the outcomes have figures. */
export function chartsOf(outcomes: readonly Outcome[]): Chart[] {
  return [rates(outcomes), prices(outcomes), latencies(outcomes)].filter((chart) => chart !== undefined);
}

/** Draws them into a folder of their own. In a process of its own: a checkout does not install the library that draws. */
export function draw(charts: readonly Chart[], folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const program = path.join(import.meta.dirname, '../programs/charts.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program, folder], {
    input: JSON.stringify(charts),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the charts could not be drawn:\n${stderr}`);
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
      values: ['fastP50', 'fastP99', 'fastP999'].map((column) => spread(rounds, column).median),
    })),
  };
}

function barsOf({ subjects }: Outcome, column: string): Bar[] {
  return subjects.map(({ name, rounds }) => ({ name, ...spread(rounds, column) }));
}
