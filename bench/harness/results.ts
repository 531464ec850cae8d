// The results of runs, kept as JSON: the last official one of each kind in bench/results, others in the cache folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from './comparison.ts';
import type { Machine } from './machine.ts';

export type RunKind = 'node' | 'flume';

export interface Run {
  readonly kind: RunKind;
  readonly startedAt: string;
  readonly minutes: number;
  readonly machine: Machine;
  readonly outcomes: readonly Outcome[];
}

const root = path.join(import.meta.dirname, '../..');
const officialFolder = path.join(root, 'bench/results');

/** @returns where it is now */
export function saveRun(run: Run, official: boolean): string {
  const folder = official ? officialFolder : path.join(root, '.cache/bench');
  const file = path.join(folder, `${run.kind}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  if (official)
    execFileSync(path.join(root, 'node_modules/.bin/biome'), ['format', '--write', file], { stdio: 'ignore' });
  return path.relative(root, file);
}

/** The last official runs that there are. */
export function officialRuns(): Run[] {
  return (['node', 'flume'] as const)
    .map((kind) => path.join(officialFolder, `${kind}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Run);
}
