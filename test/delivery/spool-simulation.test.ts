// Channels on disk under siege, each simulation another minute. SEED=123 replays one and prints what happens in it;
// SEEDS=10000 runs more of them.

import { describe, it } from 'node:test';
import { asked, only, replay, runTheme } from './seeds.ts';

const seeds = Number(asked ?? 3_000);

// What must have happened in some of them.
const wanted = ['delivered', 'duplicates', 'lost', 'excused', 'missing'];

describe('channels on disk, simulated', { timeout: 900_000 }, () => {
  if (only !== undefined) {
    it(`seed ${only}`, () => replay('spool', only as string));
    return;
  }

  it(`${seeds} minutes: nothing accepted is lost without a count, nothing is wrong, and all is delivered in the end`, async (test) => {
    const sums = await runTheme('spool', seeds);
    test.diagnostic(JSON.stringify(sums));
    for (const name of wanted) if (!((sums[name] ?? 0) > 0)) throw new Error(`${name} has never happened`);
  });
});
