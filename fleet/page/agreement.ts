// The real slice beside the same scene in the simulation: medians of five runs, and of five seeds.
import { median } from '../measure/statistics.ts';
import { realRuns } from './real-runs.ts';
import { keptOutcomes } from './simulations.ts';
import { realId, shown, table } from './tables.ts';

interface Pair {
  readonly what: string;
  readonly processor: string;
  readonly real: number;
  readonly simulated: number;
  /** They agree when the larger is at most so much more. */
  readonly within: number;
}

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

function agrees({ real, simulated, within }: Pair): boolean {
  if (real === simulated) return true;
  return Math.max(real, simulated) <= within * Math.min(real, simulated);
}

function pairs(): Pair[] {
  const kept = keptOutcomes();
  return Object.entries(realRuns()).flatMap(([processor, { medians }]) => {
    const outcomes = Object.entries(kept)
      .filter(([id]) => id.startsWith(`${processor}-`))
      .map(([, { outcome }]) => outcome);
    const of = (pick: (outcome: (typeof outcomes)[number]) => number): number => median(outcomes.map(pick));
    return [
      { what: 'recovery, ms', real: medians.recoveryMs, simulated: of((one) => one.recoveryMs), within: 1.25 },
      {
        what: 'connects, busiest second',
        real: medians.connectsPeak,
        simulated: of((one) => one.connectsPeak),
        within: 2,
      },
      {
        what: 'busiest second over the mean',
        real: medians.connectsPeakToMean,
        simulated: of((one) => one.connectsPeakToMean),
        within: 2,
      },
      { what: 'connects', real: medians.connects, simulated: of((one) => one.connects), within: 2 },
      { what: 'duplicates', real: medians.duplicates, simulated: of((one) => one.duplicates), within: 2 },
      { what: 'lost', real: medians.lost, simulated: of((one) => one.lost), within: 1 },
    ].map((pair) => ({ ...pair, processor }));
  });
}
