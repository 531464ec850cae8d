// The real slice beside the same scene in the simulation: medians of five runs, and of five seeds.
import { median } from '../measure/statistics.ts';
import { realRuns } from './real-runs.ts';
import { keptOutcomes } from './simulations.ts';
import { realId, shown, table } from './tables.ts';

export interface Pair {
  readonly what: string;
  readonly processor: string;
  /** The median of the runs. */
  readonly real: number;
  readonly realRuns: readonly number[];
  readonly simulated: number;
  /** They agree when the larger is at most so much more. */
  readonly within: number;
}

const compared = [
  { what: 'recovery, ms', key: 'recoveryMs', within: 1.25 },
  { what: 'connects, busiest second', key: 'connectsPeak', within: 2 },
  { what: 'busiest second over the mean', key: 'connectsPeakToMean', within: 2 },
  { what: 'connects', key: 'connects', within: 2 },
  { what: 'duplicates', key: 'duplicates', within: 2 },
  { what: 'lost', key: 'lost', within: 1 },
] as const;

export function agreementTable(): string {
  return table(
    ['', '>real', '>simulated', '>may differ by', 'runs'],
    pairs().map(({ what, processor, real, simulated, within }) => [
      `${processor}: ${what}`,
      shown(real),
      shown(simulated),
      within < 2 ? `${Math.round((within - 1) * 100)} %` : `a factor of ${within}`,
      `${realId(processor)}, seeds 1 to 5`,
    ]),
  );
}

export function agreementVerdict(): string {
  const apart = pairs().filter((pair) => !agrees(pair));
  if (apart.length === 0) return 'All of them agree.';
  const named = apart.map(({ processor, what }) => `${what} with ${processor}`);
  return `They do not agree in: ${named.join('; ')}.`;
}

export function agrees({ real, simulated, within }: Pair): boolean {
  if (real === simulated) return true;
  return Math.max(real, simulated) <= within * Math.min(real, simulated);
}

export function pairs(): Pair[] {
  const kept = keptOutcomes();
  return Object.entries(realRuns()).flatMap(([processor, { medians, runs }]) => {
    const outcomes = Object.entries(kept)
      .filter(([id]) => id.startsWith(`${processor}-`))
      .map(([, { outcome }]) => outcome);
    return compared.map(({ what, key, within }) => ({
      what,
      processor,
      real: medians[key],
      realRuns: runs.map((run) => run[key]),
      simulated: median(outcomes.map((outcome) => outcome[key])),
      within,
    }));
  });
}
