// Channels on disk under siege, each simulation another minute. SEED=123 replays one and prints what happens in it;
// SEEDS=10000 runs more of them.

import { describe, it } from 'node:test';
import { simulateSpool } from './spool-simulation.ts';

const seeds = Number(process.env['SEEDS'] ?? 3_000);
const only = process.env['SEED'];
const linesShown = 60;
// What must have happened in some of them.
const wanted = ['delivered', 'duplicates', 'lost', 'excused', 'missing'];

/** Runs a seed; where it fails, once more to tell what happened. */
async function run(seed: number): Promise<Readonly<Record<string, number>>> {
  try {
    return await simulateSpool(seed, only === undefined ? undefined : console.log);
  } catch (error) {
    const lines: string[] = [];
    await simulateSpool(seed, (line) => lines.push(line)).catch(() => {});
    const replay = `SEED=${seed} node --import tsx --test test/delivery/spool-simulation.test.ts`;
    const message = `seed ${seed}: ${(error as Error).message}\n${replay}\n${lines.slice(-linesShown).join('\n')}`;
    throw new Error(message, { cause: error });
  }
}

describe('channels on disk, simulated', { timeout: 900_000 }, () => {
  if (only !== undefined) {
    it(`seed ${only}`, async () => {
      await run(Number(only));
    });
    return;
  }

  it(`${seeds} minutes: nothing accepted is lost without a count, nothing is wrong, and all is delivered in the end`, async (test) => {
    const sums: Record<string, number> = {};
    for (let seed = 0; seed < seeds; seed++) {
      for (const [name, count] of Object.entries(await run(seed))) sums[name] = (sums[name] ?? 0) + count;
    }
    test.diagnostic(JSON.stringify(sums));
    for (const name of wanted) if (!((sums[name] ?? 0) > 0)) throw new Error(`${name} has never happened`);
  });
});
