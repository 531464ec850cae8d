// Writes docs/performance.md from the last official runs: three charts, the targets, tables, and the targets that were missed.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chartsOf } from './charts.ts';
import type { Outcome } from './comparison.ts';
import { type Chart, draw, onPage } from './drawing.ts';
import { fitGrowth, type GrowthFit } from './growth.ts';
import { historyTable } from './history.ts';
import { noReason, reasons } from './misses.ts';
import { lastRuns, type PastRun, pastRuns, type Run } from './results.ts';
import { inMarkdown, outcomeTable, verdictTable } from './table.ts';
import { unmeasured, type Verdict, verdicts } from './verdicts.ts';

export const docsFolder = path.join(import.meta.dirname, '../../docs');

/**
 * @param results the folder of the runs
 * @param folder where the page and the folder of its charts are to be
 */
export function writePage(results: string, folder: string): void {
  const runs = lastRuns(results);
  const charts = chartsOf(runs.flatMap(({ outcomes }) => outcomes));
  mkdirSync(folder, { recursive: true });
  draw(charts, path.join(folder, 'performance'));
  writeFileSync(path.join(folder, 'performance.md'), page(runs, charts, pastRuns(results)));
}

function page(runs: readonly Run[], charts: readonly Chart[], past: readonly PastRun[]): string {
  const outcomes = runs.flatMap((run) => run.outcomes);
  const judged = verdicts(outcomes);
  const missed = judged.filter(({ met }) => !met);
  const fit = fitGrowth(outcomes);
  const sections = [
    '# Performance',
    ...charts.map((chart) => onPage(chart, 'performance')),
    'Written by `npm run bench -- all` from its last official run, not by hand; the programs are in [bench](../bench). Every ' +
      'figure is the median of alternating rounds within one run, each round in processes of its own, with the smallest and ' +
      'the largest in brackets, and beside it the CPU of the machine that others used meanwhile. Both ends of every ' +
      'connection are on that machine. Compare figures within a table, not across machines.',
    ...runs.map(described),
    '## Targets',
    inMarkdown(verdictTable(judged)),
    ...leftOut(outcomes),
    ...outcomes.filter(({ id }) => id !== 'growth').flatMap(outcomeSection),
    ...(fit === undefined ? [] : growthSection(outcomes, fit)),
    ...(past.length === 0 ? [] : ['## Official runs', 'What each has reached.', inMarkdown(historyTable(past))]),
    ...(missed.length === 0 ? [] : ['## Where a target was missed', missed.map(reasonOf).join('\n')]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function described({ kind, startedAt, minutes, machine, loadPart }: Run): string {
  const { processor, cores, memoryGiB, system, load, versions } = machine;
  const listed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const what = kind === 'node' ? 'Peers in Node' : 'Peers in Java and Python, real Flume agents';
  const others =
    typeof loadPart === 'number' ? `others used ${loadPart.toFixed(1)} % of its CPU` : 'others not looked at';
  return (
    `${what}: ${startedAt.slice(0, 10)}, ${minutes} minutes, ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; load ` +
    `${load} at the start, ${others}. ${listed.join(', ')}.`
  );
}

/** Said of targets that the last runs know nothing of. */
function leftOut(outcomes: readonly Outcome[]): string[] {
  const names = unmeasured(outcomes).map(({ what, against }) => (against === '–' ? what : `${what} (${against})`));
  return names.length === 0 ? [] : [`Not measured in these runs: ${names.join('; ')}.`];
}

function reasonOf({ id, what, against, target, reached }: Verdict): string {
  const beside = against === '–' ? '' : `, against ${against}`;
  return `- **${what}${beside}** (${target}; reached: ${reached}): ${reasons[id] ?? noReason}`;
}

function outcomeSection(outcome: Outcome): string[] {
  return [`## ${outcome.title}`, outcome.about, inMarkdown(outcomeTable(outcome))];
}

function growthSection(outcomes: readonly Outcome[], fit: GrowthFit): string[] {
  const about = outcomes.find(({ id }) => id === 'growth')?.about ?? '';
  const rows = fit.points.map(({ name, cpuMs, fittedMs }) => [
    name,
    cpuMs.toFixed(0),
    fittedMs.toFixed(0),
    `${(100 * (fittedMs / cpuMs - 1)).toFixed(0)} %`,
  ]);
  const { perCall, perEvent, perKilobyte, worst } = fit;
  return [
    '## Growth',
    about,
    inMarkdown({ head: ['run', 'CPU (ms)', 'fitted (ms)', 'off by'], rows }),
    `CPU = ${perCall.toFixed(1)} µs · calls + ${perEvent.toFixed(2)} µs · events + ${perKilobyte.toFixed(2)} µs · kB; from ` +
      `100,000 events on no run is off by more than ${(100 * worst).toFixed(0)} %.`,
  ];
}
