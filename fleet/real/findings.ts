// What came of a run: from the notes of every client, and from the files of every agent.
import { median, quantile, rounded } from '../measure/statistics.ts';
import type { ClientNotes } from './client-process.ts';

export interface Evidence {
  readonly notes: readonly ClientNotes[];
  /** Of the files that the agents' sinks have written: a client's number, the event's, filler. */
  readonly lines: readonly string[];
  /** Milliseconds since the epoch. */
  readonly killedAt: number;
  readonly backAt: number;
  readonly stoppedAt: number;
  readonly killedName: string;
  readonly agents: readonly string[];
}

export interface Findings {
  readonly clients: number;
  readonly put: number;
  /** Put and in no agent's file. */
  readonly lost: number;
  /** In the agents' files more than once, each time counted. */
  readonly duplicates: number;
  readonly retried: number;
  /** From the kill until the agent answered again. */
  readonly downMs: number;
  /** From the kill until every client had heard that an event is delivered which it put after the kill. */
  readonly recoveryMs: number;
  /** The same for the client in the middle. */
  readonly recoveryP50Ms: number;
  /** From the kill until every client had delivered a batch to the killed agent, which is back; failover brings them back. */
  readonly returnedMs: number;
  /** Connections that were tried, in the busiest of the seconds after the kill. */
  readonly connectsPeak: number;
  readonly connects: number;
  /** That busiest second over the mean of the seconds until the last of these connections. */
  readonly connectsPeakToMean: number;
  /** Events of the busiest agent over the mean of all, in the last five seconds. */
  readonly loadMaxToMean: number;
  /** The part of the killed agent in these seconds; a third is all that it should have. */
  readonly loadOfRestarted: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly clientRssMiB: number;
  readonly clientHeapMiB: number;
}

export function findings(evidence: Evidence): Findings {
  const { notes, lines, killedAt, backAt, stoppedAt, killedName, agents } = evidence;
  const put = notes.reduce((sum, { puts }) => sum + puts.length, 0);
  const ids = lines.filter((line) => line !== '').map((line) => line.split(' ', 2).join(' '));
  const first = notes.map((one) => deliversAgainAt(one, killedAt) - killedAt);
  const returned = notes.map(
    ({ delivered }) =>
      (delivered.find(({ at, agent }) => at > backAt && agent === killedName)?.at ?? Number.NaN) - killedAt,
  );
  const dials = notes.flatMap((one) => one.dials.filter((at) => at > killedAt && at < stoppedAt));
  const load = new Map(agents.map((name) => [name, 0]));
  for (const { at, agent, events } of notes.flatMap(({ delivered }) => delivered)) {
    if (at > stoppedAt - 5_000 && at < stoppedAt) load.set(agent, (load.get(agent) ?? 0) + events);
  }
  const loads = [...load.values()];
  const mean = loads.reduce((sum, events) => sum + events, 0) / loads.length;
  const failed: Record<string, number> = {};
  for (const { code } of notes.flatMap((one) => one.failed)) failed[code] = (failed[code] ?? 0) + 1;
  return {
    clients: notes.length,
    put,
    lost: put - new Set(ids).size,
    duplicates: ids.length - new Set(ids).size,
    retried: notes.reduce((sum, one) => sum + one.retried, 0),
    downMs: Math.round(backAt - killedAt),
    recoveryMs: Math.round(Math.max(...first)),
    recoveryP50Ms: Math.round(median(first)),
    returnedMs: Math.round(Math.max(...returned)),
    ...peak(dials, killedAt),
    loadMaxToMean: rounded(Math.max(...loads) / mean),
    loadOfRestarted: rounded((load.get(killedName) ?? 0) / mean / loads.length),
    failed,
    clientRssMiB: rounded(
      quantile(
        notes.map(({ memory }) => memory.rss / 2 ** 20),
        0.5,
      ),
    ),
    clientHeapMiB: rounded(
      quantile(
        notes.map(({ memory }) => memory.heapUsed / 2 ** 20),
        0.5,
      ),
    ),
  };
}

/** Events are delivered in the order of their puts, but for those of a failed batch: so these count before. */
function deliversAgainAt({ puts, delivered }: ClientNotes, killedAt: number): number {
  let before = puts.filter((at) => at <= killedAt).length;
  for (const { at, events } of delivered) {
    before -= events;
    if (before < 0) return at;
  }
  return Number.NaN;
}

/** Of connections by seconds since the kill. */
function peak(dials: readonly number[], since: number) {
  const seconds: number[] = [];
  for (const at of dials) {
    const second = Math.floor((at - since) / 1_000);
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  const counts = Array.from(seconds, (count) => count ?? 0);
  const most = Math.max(0, ...counts);
  return {
    connects: dials.length,
    connectsPeak: most,
    connectsPeakToMean: dials.length === 0 ? 0 : rounded(most / (dials.length / counts.length)),
  };
}
