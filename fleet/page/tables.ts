// The tables of docs/capacity.md that are a run's numbers, row by row.
import type { AgentResults } from '../measure/results.ts';
import { median } from '../measure/statistics.ts';
import { realRuns } from './real-runs.ts';
import { keptOf, simulations } from './simulations.ts';

type Row = readonly (string | number)[];

/** Names of columns; one that begins with '>' has numbers. */
export function table(columns: readonly string[], rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map(shown).join(' | ')} |`;
  const names = columns.map((name) => name.replace(/^>/, ''));
  const rule = columns.map((name) => (name.startsWith('>') ? '---:' : '---'));
  return [line(names), line(rule), ...rows.map(line)].join('\n');
}

/** With a comma for each thousand, and no more digits than were measured. */
export const shown = (value: string | number): string =>
  typeof value === 'string' ? value : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

export function batches({ alone, busy }: AgentResults): string {
  return table(
    [
      '>events in a batch',
      '>alone, ms to the answer',
      '>alone, µs of CPU a batch',
      '>busy, events/s',
      '>busy, µs of CPU an event',
    ],
    alone.result.map(({ batchSize, answerMs, agentCpuMicrosPerCall }, index) => [
      batchSize,
      answerMs.p50,
      agentCpuMicrosPerCall,
      busy.result[index]?.eventsPerSecond ?? '–',
      busy.result[index]?.agentCpuMicrosPerEvent ?? '–',
    ]),
  );
}

export function sinks({ sinks }: AgentResults): string {
  return table(
    ['through an agent to the end', '>events/s', '>µs of its CPU an event'],
    sinks.result
      .filter(isUndisturbed)
      .map(({ through, eventsPerSecond, agentCpuMicrosPerEvent }) => [
        through,
        eventsPerSecond,
        agentCpuMicrosPerEvent,
      ]),
  );
}

// What does not wait for a disk, nor for more than the cores that there were.
const isUndisturbed = ({ through }: { through: string }): boolean => /^memory channel, (?!4 )/.test(through);

export function threads({ threads }: AgentResults): string {
  return table(
    ['>`threads`', '>events/s', '>ms to the answer, median', '>99 of 100', '>threads of the process, after'],
    threads.result.map((one) => [
      one.threads,
      one.eventsPerSecond,
      one.answerMs.p50,
      one.answerMs.p99,
      one.threadsAfter,
    ]),
  );
}

export function refusals({ refusalsAtOnce }: AgentResults): string {
  return table(
    ['>`threads`', '>`keep-alive`', '>first FAILED after', '>the median', '>the last', '>a ping behind them'],
    refusalsAtOnce.result.map(({ threads, keepAliveSeconds, failedAfterMs, pingBehindThemMs }) => [
      threads,
      `${keepAliveSeconds} s`,
      seconds(failedAfterMs.first),
      seconds(failedAfterMs.p50),
      seconds(failedAfterMs.last),
      seconds(pingBehindThemMs),
    ]),
  );
}

export function heap({ memory }: AgentResults): string {
  return table(
    ['>events in its largest batch', '>bytes of the frame', '>heap of the connection', '>of 10,000 connections'],
    memory.result.connections.map(({ batchSize, frameBytes, heapBytesPerConnection }) => [
      batchSize,
      frameBytes,
      `${shown(heapBytesPerConnection / 1_000)} kB`,
      `${shown(heapBytesPerConnection / 1e5)} GB`,
    ]),
  );
}

export function atOnce({ connectAtOnce }: AgentResults): string {
  return table(
    ['>connections', '>half were connected after', '>all', '>half had an answer after', '>all'],
    connectAtOnce.result.map(({ connections, connectedMs, answeredMs }) => [
      connections,
      seconds(connectedMs.p50),
      seconds(connectedMs.last),
      seconds(answeredMs.p50),
      seconds(answeredMs.last),
    ]),
  );
}

export function restarts({ restarts }: AgentResults): string {
  const kinds = new Map<string, number[]>();
  for (const { signal, channel, answersAgainMs } of restarts.result) {
    const kind = `${signal}, ${channel} channel`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), answersAgainMs]);
  }
  return table(
    ['an agent ended by', '>answers again after', '>of so many restarts the slowest'],
    [...kinds].map(([kind, times]) => [
      kind,
      seconds(median(times)),
      `${seconds(Math.max(...times))} of ${times.length}`,
    ]),
  );
}

/** S3 to S6: what a restart is to a fleet, by the way that it picks agents. */
export function recovery(): string {
  return table(
    [
      '2,000 processes, 8 agents',
      '>recovery',
      '>connects',
      '>peak',
      '>load',
      '>connections of an agent',
      '>lost',
      '>twice',
      'run',
    ],
    keptOf(['S3', 'S4', 'S5', 'S6']).map(({ id, about, outcome }) => [
      about,
      seconds(outcome.recoveryMs),
      outcome.connects,
      outcome.connectsPeakToMean,
      outcome.loadMaxToMean,
      Math.round(outcome.connectionsMean),
      outcome.lost,
      outcome.duplicates,
      id,
    ]),
  );
}

/** The sinks stop for an hour: as Flume comes, and as it should be set. */
export function sinkStop(): string {
  return table(
    [
      '`threads`, `keep-alive`',
      '>waited in the processes, at most',
      '>lost',
      '>dropped',
      '>twice',
      '>all deliver again after',
      'run',
    ],
    keptOf(['S10', 'S16']).map(({ id, outcome }) => [
      id === 'S10' ? '10, 3 s' : '50, 1 s',
      outcome.queuedPeak,
      outcome.lost,
      Object.values(outcome.dropped).reduce((sum, count) => sum + count, 0),
      outcome.duplicates,
      seconds(outcome.recoveryMs),
      id,
    ]),
  );
}

/** What else befalls a fleet. */
export function scenes(): string {
  return table(
    ['what happens', '>recovery', '>connects', '>peak', '>load', '>connections of an agent', '>lost', 'run'],
    keptOf(['S7', 'S8', 'S9', 'S11', 'S12', 'S13', 'S14', 'S15']).map(({ id, about, outcome }) => [
      about,
      seconds(outcome.recoveryMs),
      outcome.connects,
      outcome.connectsPeakToMean,
      outcome.loadMaxToMean,
      Math.round(outcome.connectionsMean),
      outcome.lost,
      id,
    ]),
  );
}

export function runs(results: AgentResults, parts: Readonly<Record<string, keyof AgentResults>>): string {
  const measured = Object.entries(parts).map(([id, part]) => {
    const { measuredAt, load } = results[part] as { measuredAt: string; load: number };
    return [id, `\`npm run fleet:measure -- ${part}\``, day(measuredAt), `load ${load}`];
  });
  const real = Object.entries(realRuns()).map(([processor, { measuredAt, runs }]) => [
    realId(processor),
    `\`npm run fleet:real -- --keep --processor ${processor}\`, ${runs.length} runs`,
    day(measuredAt),
    `load ${runs.map(({ load }) => load).join(', ')}`,
  ]);
  const simulated = keptOf(simulations.map(({ id }) => id)).map(({ id, flags, ranAt, outcome }) => [
    id,
    `\`npm run fleet -- ${flags}\``,
    day(ranAt),
    `${shown(Math.round(outcome.wallMs / 1_000))} s, ${outcome.peakMiB} MiB`,
  ]);
  return table(['run', 'command', 'day', 'on the machine'], [...measured, ...real, ...simulated]);
}

export const realId = (processor: string): string => (processor === 'failover' ? 'R2' : 'R1');

export const seconds = (ms: number): string => `${shown(ms / 1_000)} s`;

const day = (time: string): string => time.slice(0, 10);
