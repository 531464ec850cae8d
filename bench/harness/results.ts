// The results of runs, kept as JSON: the last official one of each kind in bench/results, with a line for each official run
// there ever was; others in the cache folder.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from './comparison.ts';
import type { Machine } from './machine.ts';
import { verdicts } from './verdicts.ts';

export type RunKind = 'node' | 'flume';

export interface Run {
  readonly kind: RunKind;
  readonly startedAt: string;
  readonly minutes: number;
  readonly machine: Machine;
  /** Part of the machine that others used during the whole run, in percent; null where it is not known. */
  readonly loadPart: number | null;
  readonly outcomes: readonly Outcome[];
}

/** What is kept of an official run for ever: what it reached, by the targets' ids. */
export interface PastRun {
  readonly startedAt: string;
  readonly node: string;
  readonly processor: string;
  readonly loadPart: number | null;
  readonly figures: Readonly<Record<string, number>>;
}

const root = path.join(import.meta.dirname, '../..');
export const officialFolder = path.join(root, 'bench/results');
export const trialFolder = path.join(root, '.cache/bench');
const historyIn = (folder: string): string => path.join(folder, 'history.jsonl');

/** @returns where it is now */
export function saveRun(run: Run, official: boolean): string {
  const folder = official ? officialFolder : trialFolder;
  const file = path.join(folder, `${run.kind}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  if (official)
    execFileSync(path.join(root, 'node_modules/.bin/biome'), ['format', '--write', file], { stdio: 'ignore' });
  return path.relative(root, file);
}

/** One line for runs that were one command. */
export function remember(runs: readonly Run[], official: boolean): void {
  const [first] = runs;
  if (first === undefined) return;
  const judged = verdicts(runs.flatMap(({ outcomes }) => outcomes)).filter(({ value }) => Number.isFinite(value));
  const past: PastRun = {
    startedAt: first.startedAt,
    node: first.machine.versions.node ?? 'unknown',
    processor: `${first.machine.processor}, ${first.machine.cores} cores`,
    loadPart: runs.some(({ loadPart }) => loadPart === null) ? null : Math.max(...runs.map((run) => run.loadPart ?? 0)),
    figures: Object.fromEntries(judged.map(({ id, value }) => [id, Number(value.toPrecision(4))])),
  };
  appendFileSync(historyIn(official ? officialFolder : trialFolder), `${JSON.stringify(past)}\n`);
}

/** The last run of each kind that there is. */
export function lastRuns(folder: string): Run[] {
  return (['node', 'flume'] as const)
    .map((kind) => path.join(folder, `${kind}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Run);
}

/** Every official run, the oldest first. */
export function pastRuns(folder: string): PastRun[] {
  const file = historyIn(folder);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as PastRun);
}
