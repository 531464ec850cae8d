// Runs simulations of one kind, and prints what happened in all of them together: in a process of its own, since the test
// runner watches every promise, and that takes as long as the simulations themselves.
//
//   node --import tsx test/delivery/simulate.ts agents FIRST STEP END     the seeds FIRST, FIRST + STEP … below END

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { simulate } from './simulation.ts';
import { simulateSpool } from './spool-simulation.ts';

export type Outcome = Readonly<Record<string, number>>;

export const simulations = {
  agents: { run: simulate, file: 'simulation.test.ts' },
  spool: { run: simulateSpool, file: 'spool-simulation.test.ts' },
} as const;

export type Kind = keyof typeof simulations;

const linesShown = 60;

/** The seeds `first`, `first + step` … below `end`. @throws what the first that failed says, and how to replay it */
export async function runSeeds(kind: Kind, first: number, step: number, end: number): Promise<Outcome> {
  const sums: Record<string, number> = {};
  for (let seed = first; seed < end; seed += step) {
    const outcome: Outcome = await runSeed(kind, seed);
    for (const [what, count] of Object.entries(outcome)) sums[what] = (sums[what] ?? 0) + count;
  }
  return sums;
}

/** Runs a seed; where it fails, once more to tell what happened. */
async function runSeed(kind: Kind, seed: number): Promise<Outcome> {
  const { run, file } = simulations[kind];
  try {
    return await run(seed);
  } catch (error) {
    const lines: string[] = [];
    await run(seed, (line) => lines.push(line)).catch(() => {});
    const replay = `SEED=${seed} node --import tsx --test test/delivery/${file}`;
    const message = `seed ${seed}: ${(error as Error).message}\n${replay}\n${lines.slice(-linesShown).join('\n')}`;
    throw new Error(message, { cause: error });
  }
}

/** What close() says about events that are left behind is for people, not for ten thousand simulations. */
export function silence(): void {
  const { writeSync } = fs;
  const quiet = (descriptor: number, text: string): number =>
    descriptor === 2 && text.startsWith('flume: ') ? text.length : writeSync(descriptor, text);
  fs.writeSync = quiet as typeof writeSync;
  syncBuiltinESMExports();
  // Half of the time would go into stacks that nobody reads.
  Error.stackTraceLimit = 0;
}

if (process.argv[1] === import.meta.filename) {
  silence();
  const [kind, first, step, end] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(await runSeeds(kind as Kind, Number(first), Number(step), Number(end))));
}
