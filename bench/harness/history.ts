// The official runs beside each other, so that slow decay is seen: a row for each target, a column for each run.
import type { PastRun } from './results.ts';
import type { Table } from './table.ts';
import { targets } from './targets.ts';
import { written } from './verdicts.ts';

const shownRuns = 6;

export function historyTable(runs: readonly PastRun[]): Table {
  const shown = runs.slice(-shownRuns);
  const known = targets.filter(({ id }) => shown.some(({ figures }) => figures[id] !== undefined));
  const others = shown.map(({ loadPart }) => (typeof loadPart === 'number' ? `${loadPart.toFixed(0)} %` : '–'));
  return {
    head: ['what', 'against', ...shown.map(({ startedAt }) => startedAt.slice(0, 10))],
    rows: [
      ...known.map(({ id, what, against, unit }) => [
        what,
        against,
        ...shown.map(({ figures }) => (figures[id] === undefined ? '–' : `${written(figures[id])} ${unit}`)),
      ]),
      ['CPU used by others', '–', ...others],
    ],
  };
}
