// What came of a run, in numbers.

import { type Delays, percentile } from './delays.ts';
import type { Fleet } from './fleet.ts';
import { loadForMs, loadFromMs } from './scenes.ts';

export interface Outcome {
  readonly scenario: string;
  readonly processor: string;
  readonly selector: string;
  readonly security: string;
  readonly clients: number;
  readonly agents: number;
  readonly rate: number;
  readonly seed: number;
  /** Virtual, until everything was delivered. */
  readonly seconds: number;
  readonly accepted: number;
  readonly delivered: number;
  /** Accepted, and neither with an agent, nor queued, nor dropped with a count. */
  readonly lost: number;
  readonly duplicates: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** In the end. */
  readonly queued: number;
  /** At any second, of all clients together. */
  readonly queuedPeak: number;
  /** Connections that were tried, in the recovery; the busiest second of it; that, over the mean of the recovery. */
  readonly connects: number;
  readonly connectsPeak: number;
  readonly connectsPeakToMean: number;
  /** Of these connections, how many in each second after the disturbance; the first ten of them. */
  readonly connectsEachSecond: readonly number[];
  /** From the disturbance until the last connection was made because of it. */
  readonly recoveryOfConnectionsMs: number;
  /** Events of the agent that got most, over the mean, a minute after. */
  readonly loadMaxToMean: number;
  /** Events of one agent in the busiest of all seconds, over the mean of all agents and seconds. */
  readonly loadPeakToMean: number;
  /** Until every client delivers again. */
  readonly recoveryMs: number;
  /** Clients that did not. */
  readonly neverRecovered: number;
  /** The longest time for which an agent refuses connections for lack of threads. */
  readonly refusalMs: number;
  /** Batches answered with FAILED. */
  readonly failedBatches: number;
  readonly batches: number;
  /** That one agent holds: the most ever, and the mean in the end. */
  readonly connectionsPeak: number;
  readonly connectionsMean: number;
  /** From put() until an agent has the event, of quiet clients and, where there is one, the loud one. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly loudDelayMs?: { readonly p50: number; readonly p99: number; readonly max: number };
}

export function outcomeOf(fleet: Fleet, endedAt: number): Outcome {
  const { options, scene, clients, sources, samples } = fleet;
  const books = clients.map((client) => client.books);
  const dropped: Record<string, number> = {};
  for (const one of books) {
    for (const [reason, count] of Object.entries(one.dropped)) {
      if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
    }
  }
  const records = sources.map(({ record }) => record);
  const living = scene.living.map((index) => (sources[index] as (typeof sources)[number]).record);
  const loudDelays = fleet.loud.length === 0 ? {} : { loudDelayMs: delays(fleet.loud) };
  return {
    scenario: options.scenario,
    processor: options.processor,
    selector: options.selector ?? 'default',
    security: scene.security ?? options.security,
    clients: options.clients,
    agents: options.agents,
    rate: options.rate,
    seed: options.seed,
    seconds: Math.round(endedAt / 1_000),
    accepted: sum(books.map(({ accepted }) => accepted)),
    delivered: sum(books.map(({ delivered }) => delivered)),
    lost: sum(clients.map(({ lost }) => lost)),
    duplicates: sum(clients.map(({ duplicates }) => duplicates)),
    dropped,
    queued: sum(books.map(({ queued }) => queued)),
    queuedPeak: Math.max(0, ...samples.map(({ open }) => open)),
    ...connects(fleet),
    loadMaxToMean: loadMaxToMean(fleet),
    loadPeakToMean: loadPeakToMean(fleet),
    ...recovery(fleet, endedAt),
    refusalMs: Math.round(Math.max(...records.map(({ refusedFrom, refusedUntil }) => refusedUntil - refusedFrom))),
    failedBatches: sum(records.map(({ failed }) => failed)),
    batches: sum(records.map(({ batches }) => batches)),
    connectionsPeak: Math.max(...records.map(({ connectionsPeak }) => connectionsPeak)),
    connectionsMean: round(sum(living.map(({ connections }) => connections)) / living.length),
    delayMs: delays(fleet.quiet),
    ...loudDelays,
  };
}

/** Of all scenes with more than one disturbance the worst. */
function recovery({ clients, scene }: Fleet, endedAt: number): Pick<Outcome, 'recoveryMs' | 'neverRecovered'> {
  let recoveryMs = 0;
  let neverRecovered = 0;
  for (const client of clients) {
    const { recoveries } = client;
    if (recoveries.some((at) => at === undefined)) neverRecovered += 1;
    for (const [index, from] of scene.disturbances.entries()) {
      recoveryMs = Math.max(recoveryMs, (recoveries[index] ?? endedAt) - from);
    }
  }
  return { recoveryMs: Math.round(recoveryMs), neverRecovered };
}

type Connects = Pick<
  Outcome,
  'connects' | 'connectsPeak' | 'connectsPeakToMean' | 'connectsEachSecond' | 'recoveryOfConnectionsMs'
>;

function connects(fleet: Fleet): Connects {
  const { scene, sources } = fleet;
  const [first] = scene.disturbances;
  const none = {
    connects: 0,
    connectsPeak: 0,
    connectsPeakToMean: 0,
    connectsEachSecond: [],
    recoveryOfConnectionsMs: 0,
  };
  if (first === undefined) return none;
  const { recoveryMs } = recovery(fleet, first);
  const opened = Math.max(...sources.map(({ record }) => record.lastOpenedAt));
  const until = Math.max(opened, first + recoveryMs, (scene.disturbances.at(-1) as number) + 1);
  const from = Math.floor(first / 1_000);
  const to = Math.floor(until / 1_000);
  const seconds = Array.from({ length: to - from + 1 }, (_, second) =>
    sum(sources.map(({ record }) => record.dials[from + second] ?? 0)),
  );
  const total = sum(seconds);
  if (total === 0) return none;
  const peak = Math.max(...seconds);
  return {
    connects: total,
    connectsPeak: peak,
    connectsPeakToMean: round(peak / (total / seconds.length)),
    connectsEachSecond: seconds.slice(0, 10),
    recoveryOfConnectionsMs: Math.round(opened - first),
  };
}

function loadMaxToMean({ scene, sources }: Fleet): number {
  const from = Math.floor((scene.calmAt + loadFromMs) / 1_000);
  const loads = scene.living.map((index) => {
    const { events } = (sources[index] as (typeof sources)[number]).record;
    return sum(events.slice(from, from + loadForMs / 1_000));
  });
  const mean = sum(loads) / loads.length;
  return mean === 0 ? 0 : round(Math.max(...loads) / mean);
}

function loadPeakToMean({ scene, sources }: Fleet): number {
  const from = Math.ceil(scene.startMs / 1_000);
  const to = Math.floor(scene.endAt / 1_000);
  const loads = scene.living.map((index) => {
    const { events } = (sources[index] as (typeof sources)[number]).record;
    return Array.from({ length: to - from }, (_, second) => events[from + second] ?? 0);
  });
  const mean = sum(loads.map(sum)) / (loads.length * (to - from));
  return mean === 0 ? 0 : round(Math.max(...loads.flat()) / mean);
}

function delays(each: readonly Delays[]): Outcome['delayMs'] {
  const taken = each.flatMap((one) => one.taken);
  return {
    p50: Math.round(percentile(taken, 0.5)),
    p99: Math.round(percentile(taken, 0.99)),
    max: Math.round(percentile(taken, 1)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(number: number): number {
  return Number(number.toFixed(3));
}
