// Fits cost = a·calls + b·events + c·bytes to the runs of the growth comparison, and says how far off the fit is.
import { type Numbers, type Outcome, spread } from './comparison.ts';

export interface GrowthFit {
  /** CPU in µs per call, per event and per 1,000 bytes. */
  readonly perCall: number;
  readonly perEvent: number;
  readonly perKilobyte: number;
  readonly points: readonly GrowthPoint[];
  /** The largest part by which a run of 100,000 events or more is off. */
  readonly worst: number;
}

export interface GrowthPoint {
  readonly name: string;
  readonly events: number;
  readonly cpuMs: number;
  readonly fittedMs: number;
}

/** Least squares of the relative errors, so that long runs weigh no more than short ones; no cost is below 0. */
export function fitGrowth(outcomes: readonly Outcome[]): GrowthFit | undefined {
  const growth = outcomes.find(({ id }) => id === 'growth');
  if (growth === undefined) return undefined;
  const runs = growth.subjects.map(({ name, rounds }) => {
    const [{ events = 0, calls = 0, bytes = 0 } = {} as Numbers] = rounds;
    return { name, events, terms: [calls, events, bytes / 1_000], cpuMs: spread(rounds, 'cpuMs').median };
  });
  const long = runs.filter(({ events }) => events >= 100_000);
  const costs = leastCosts(long.map(({ terms, cpuMs }) => terms.map((term) => term / cpuMs)));
  const points = runs.map(({ name, events, terms, cpuMs }) => {
    const fittedMs = terms.reduce((sum, term, index) => sum + term * (costs[index] ?? 0), 0);
    return { name, events, cpuMs, fittedMs };
  });
  const off = points
    .filter(({ events }) => events >= 100_000)
    .map(({ cpuMs, fittedMs }) => Math.abs(fittedMs / cpuMs - 1));
  const [perCall = 0, perEvent = 0, perKilobyte = 0] = costs.map((ms) => 1_000 * ms);
  return { perCall, perEvent, perKilobyte, points, worst: Math.max(...off) };
}

/** The costs, none below 0, for which every row times costs is nearest to 1. */
function leastCosts(rows: readonly (readonly number[])[]): number[] {
  const width = rows[0]?.length ?? 0;
  let best: { costs: number[]; error: number } = { costs: Array.from({ length: width }, () => 0), error: Infinity };
  // With three terms every choice of those that count can be tried.
  for (let choice = 1; choice < 2 ** width; choice += 1) {
    const chosen = Array.from({ length: width }, (_, index) => index).filter((index) => (choice >> index) & 1);
    const solved = solve(rows.map((row) => chosen.map((index) => row[index] ?? 0)));
    if (solved.some((cost) => !(cost >= 0))) continue;
    const costs = Array.from({ length: width }, (_, index) => solved[chosen.indexOf(index)] ?? 0);
    const error = rows.reduce((sum, row) => sum + (dot(row, costs) - 1) ** 2, 0);
    if (error < best.error) best = { costs, error };
  }
  return best.costs;
}

/** Least squares by the normal equations, Gauss-Jordan. */
function solve(rows: readonly (readonly number[])[]): number[] {
  const width = rows[0]?.length ?? 0;
  const matrix = Array.from({ length: width }, (_, i) => [
    ...Array.from({ length: width }, (_unused, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
    rows.reduce((sum, row) => sum + (row[i] ?? 0), 0),
  ]);
  for (let pivot = 0; pivot < width; pivot += 1) {
    const line = matrix[pivot] as number[];
    const scale = line[pivot] ?? Number.NaN;
    matrix[pivot] = line.map((value) => value / scale);
    for (let other = 0; other < width; other += 1) {
      if (other === pivot) continue;
      const factor = matrix[other]?.[pivot] ?? 0;
      matrix[other] = (matrix[other] as number[]).map((value, at) => value - factor * (matrix[pivot]?.[at] ?? 0));
    }
  }
  return matrix.map((line) => line[width] ?? Number.NaN);
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
