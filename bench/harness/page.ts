// Writes docs/performance.md and its charts from the last official runs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Column, type Outcome, spread } from './comparison.ts';
import { fitGrowth, type GrowthFit } from './growth.ts';
import { misses } from './misses.ts';
import { officialRuns, type Run } from './results.ts';
import { inMarkdown, outcomeTable, verdictTable } from './table.ts';
import { verdicts } from './targets.ts';

const docs = path.join(import.meta.dirname, '../../docs');
const chartFolder = path.join(docs, 'performance');

interface Chart {
  readonly file: string;
  readonly title: string;
  readonly bars?: readonly {
    readonly name: string;
    readonly median: number;
    readonly min: number;
    readonly max: number;
  }[];
  readonly points?: GrowthFit['points'];
}

export function writePage(): void {
  const runs = officialRuns();
  const outcomes = runs.flatMap((run) => run.outcomes);
  const fit = fitGrowth(outcomes);
  const charts = [...outcomes.flatMap(chartsOf), ...(fit === undefined ? [] : [growthChart(fit)])];
  rmSync(chartFolder, { recursive: true, force: true });
  mkdirSync(chartFolder, { recursive: true });
  draw(charts);
  writeFileSync(path.join(docs, 'performance.md'), page(runs, outcomes, fit));
}

function page(runs: readonly Run[], outcomes: readonly Outcome[], fit: GrowthFit | undefined): string {
  const judged = verdicts(outcomes);
  const missed = judged.filter(({ met }) => !met);
  const reasons = misses.filter(({ of }) => missed.some(({ what, against }) => of(what, against)));
  const sections = [
    '# Performance',
    'Written by `npm run bench` and `npm run bench:flume` from their runs, not by hand; the programs are in [bench](../bench). ' +
      'Every figure is the median of alternating rounds within one run, each round in processes of its own, with the smallest ' +
      'and the largest in brackets. Compare figures within a table, not across machines.',
    ...runs.map(described),
    '## Targets',
    inMarkdown(verdictTable([...judged])),
    ...(fit === undefined ? [] : [growthVerdict(fit)]),
    ...(reasons.length === 0 ? [] : ['### Where a target was missed', reasons.map(({ why }) => `- ${why}`).join('\n')]),
    ...outcomes.filter(({ id }) => id !== 'growth').flatMap(outcomeSection),
    ...(fit === undefined ? [] : growthSection(outcomes, fit)),
  ];
  return `${sections.join('\n\n')}\n`;
}

function described({ kind, startedAt, minutes, machine }: Run): string {
  const { processor, cores, memoryGiB, system, load, versions } = machine;
  const listed = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const command = kind === 'node' ? 'npm run bench' : 'npm run bench:flume';
  return (
    `\`${command}\`, ${startedAt.slice(0, 10)}, ${minutes} minutes: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; ` +
    `load ${load} at the start. ${listed.join(', ')}.`
  );
}

function outcomeSection(outcome: Outcome): string[] {
  const images = outcome.columns
    .filter(({ chart }) => chart === true)
    .map((column) => image(outcome.title, fileOf(outcome, column)));
  return [`## ${outcome.title}`, outcome.about, inMarkdown(outcomeTable(outcome)), images.join('\n')].filter(
    (text) => text !== '',
  );
}

function growthSection(outcomes: readonly Outcome[], fit: GrowthFit): string[] {
  const about = outcomes.find(({ id }) => id === 'growth')?.about ?? '';
  const rows = fit.points.map(({ name, cpuMs, fittedMs }) => [
    name,
    cpuMs.toFixed(0),
    fittedMs.toFixed(0),
    `${(100 * (fittedMs / cpuMs - 1)).toFixed(0)} %`,
  ]);
  return [
    '## Growth',
    about,
    inMarkdown({ head: ['run', 'CPU (ms)', 'fitted (ms)', 'off by'], rows }),
    growthVerdict(fit),
    image('Growth', 'growth.svg'),
  ];
}

// From profiles of short and long runs.
const whyOff =
  ' Short runs cost more per event: they take a tenth of a second, in which V8 still compiles. A warm-up in five parts brought this from 48 to 34 % on a busy machine.';

function growthVerdict({ perCall, perEvent, perKilobyte, worst }: GrowthFit): string {
  return (
    `Growth: CPU = ${perCall.toFixed(1)} µs · calls + ${perEvent.toFixed(2)} µs · events + ${perKilobyte.toFixed(2)} µs · kB; ` +
    `from 100,000 events on no run is off by more than ${(100 * worst).toFixed(0)} % (target: 20 %).${worst > 0.2 ? whyOff : ''}`
  );
}

const image = (title: string, file: string): string => `![${title}](performance/${file})`;
const fileOf = ({ id }: Outcome, column: Column): string => `${id}-${column.id}.svg`;

function chartsOf(outcome: Outcome): Chart[] {
  return outcome.columns
    .filter(({ chart }) => chart === true && outcome.id !== 'growth')
    .map((column) => ({
      file: fileOf(outcome, column),
      title: `${outcome.title}: ${column.title}`,
      bars: outcome.subjects.map(({ name, rounds }) => ({ name, ...spread(rounds, column.id) })),
    }));
}

function growthChart({ points }: GrowthFit): Chart {
  return { file: 'growth.svg', title: 'Growth: CPU measured and fitted (ms)', points };
}

/** In a process of its own: the library that draws is not among what a checkout of this repository installs. */
function draw(charts: readonly Chart[]): void {
  const program = path.join(import.meta.dirname, '../programs/charts.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program, chartFolder], {
    input: JSON.stringify(charts),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the charts could not be drawn:\n${stderr}`);
}
