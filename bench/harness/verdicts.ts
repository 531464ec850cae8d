// Whether a run reached what the project wants to reach.
import { type Outcome, spread } from './comparison.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

export interface Verdict {
  readonly id: string;
  readonly what: string;
  readonly against: string;
  readonly target: string;
  readonly reached: string;
  /** As a number; NaN where nothing was measured. */
  readonly value: number;
  readonly met: boolean;
}

/** Verdicts on all targets of which the runs have the comparison; a subject that is missing counts as missed. */
export function verdicts(outcomes: readonly Outcome[]): Verdict[] {
  return targets.flatMap((target) => {
    const outcome = outcomes.find(({ id }) => id === target.comparison);
    return outcome === undefined ? [] : [verdict(target, outcome)];
  });
}

/** What is not in a run at all, since a comparison failed or is newer than the run. */
export function unmeasured(outcomes: readonly Outcome[]): Target[] {
  return targets.filter(({ comparison }) => !outcomes.some(({ id }) => id === comparison));
}

function verdict({ id, what, against, wants, limit, unit, reached }: Target, outcome: Outcome): Verdict {
  const value = reached((name, column) => {
    const subject = outcome.subjects.find((one) => one.name === name);
    return subject === undefined ? Number.NaN : spread(subject.rounds, column).median;
  }, outcome);
  return {
    id,
    what,
    against,
    target: `${wants === 'at least' ? '≥' : '≤'} ${written(limit)} ${unit}`,
    reached: Number.isFinite(value) ? `${written(value)} ${unit}` : 'not measured',
    value,
    met: wants === 'at least' ? value >= limit : value <= limit,
  };
}

/** Three digits that count. */
export function written(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
