// A target: a figure, or a ratio of figures, of the medians of one run, and what it has to be.
import { type Outcome, spread } from './comparison.ts';

export interface Target {
  /** By which misses.ts and the history know it. */
  readonly id: string;
  readonly what: string;
  readonly against: string;
  readonly comparison: string;
  readonly reached: (figure: Figure, outcome: Outcome) => number;
  readonly limit: number;
  readonly wants: 'at least' | 'at most';
  readonly unit: '×' | 'µs' | 'ms' | '%' | '/s' | 'bytes' | 'of 1,000';
}

export type Figure = (subject: string, column: string) => number;
type Reached = Target['reached'];
type Named = Pick<Target, 'id' | 'what' | 'against'>;

export const named = (id: string, what: string, against: string): Named => ({ id, what, against });
export const atLeast = (
  name: Named,
  comparison: string,
  limit: number,
  reached: Reached,
  unit: Target['unit'] = '×',
): Target => ({
  ...name,
  comparison,
  reached,
  limit,
  wants: 'at least',
  unit,
});
export const atMost = (
  name: Named,
  comparison: string,
  limit: number,
  reached: Reached,
  unit: Target['unit'] = '×',
): Target => ({
  ...atLeast(name, comparison, limit, reached, unit),
  wants: 'at most',
});

export const figureOf = (column: string, subject: string) => (figure: Figure) => figure(subject, column);
export const ratio = (column: string, subject: string, peer: string) => (figure: Figure) =>
  figure(subject, column) / figure(peer, column);
export const rate = (subject: string, peer: string) => ratio('eventsPerSecond', subject, peer);
export const cpu = (subject: string, peer: string) => ratio('cpuPerEvent', subject, peer);
export const above = (column: string, subject: string, base: string) => (figure: Figure) =>
  figure(subject, column) - figure(base, column);
/** The largest of all subjects. */
export const worstOf =
  (column: string): Reached =>
  (_figure, { subjects }) =>
    Math.max(...subjects.map(({ rounds }) => spread(rounds, column).median));
