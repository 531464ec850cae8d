// What `npm run fleet:real -- --keep` has kept, by processor.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Findings } from '../real/findings.ts';
import type { Slice } from '../real/slice.ts';

export interface RealRuns {
  readonly measuredAt: string;
  readonly slice: Slice;
  readonly medians: Findings & { readonly load: number };
  readonly runs: readonly (Findings & { readonly load: number })[];
}

const folder = path.join(import.meta.dirname, '../results');

export function realRuns(): Readonly<Record<string, RealRuns>> {
  const files = readdirSync(folder).filter((name) => /^real-\w+\.json$/.test(name));
  return Object.fromEntries(
    files
      .map((name): [string, RealRuns] => [
        name.slice('real-'.length, -'.json'.length),
        JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as RealRuns,
      ])
      // The one that a fleet should have first.
      .sort(([one], [other]) => other.localeCompare(one)),
  );
}
