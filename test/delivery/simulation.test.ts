// The promises of delivery, each simulation another hour with the agents. SEED=123 replays one and prints what happens in
// it; `npm run simulate` runs 10,000 of them, SEEDS=100000 as many as it says.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { after, before, describe, it, mock } from 'node:test';
import { themes } from './scenario.ts';
import { type Outcome, simulate } from './simulation.ts';

const seeds = Number(process.env['SEEDS'] ?? 3_000);
const only = process.env['SEED'];
const linesShown = 60;
// With fewer seeds, something rare may not happen in any.
const seedsForEverything = 3_000;
// Reasons that a memory channel does not know.
const onDisk = new Set(['disk', 'damaged']);

/** What happened in all simulations together. */
const sums: Record<string, number> = {};

/** Runs a seed; where it fails, once more to tell what happened. */
async function run(seed: number): Promise<Outcome> {
  try {
    return await simulate(seed, only === undefined ? undefined : console.log);
  } catch (error) {
    if (only !== undefined) throw error;
    const lines: string[] = [];
    await simulate(seed, (line) => lines.push(line)).catch(() => {});
    const replay = `SEED=${seed} node --import tsx --test test/delivery/simulation.test.ts`;
    const message = `seed ${seed}: ${(error as Error).message}\n${replay}\n${lines.slice(-linesShown).join('\n')}`;
    throw new Error(message, { cause: error });
  }
}

describe('delivery, simulated', () => {
  const { stackTraceLimit } = Error;

  before(() => {
    // What close() says about events that are left behind is for people, not for ten thousand simulations.
    const { writeSync } = fs;
    const quiet = (descriptor: number, text: string): number =>
      descriptor === 2 && text.startsWith('flume: ') ? text.length : writeSync(descriptor, text);
    mock.method(fs, 'writeSync', quiet as typeof writeSync);
    syncBuiltinESMExports();
    // Half of the time would go into stacks that nobody reads.
    Error.stackTraceLimit = 0;
  });

  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
    mock.restoreAll();
    syncBuiltinESMExports();
  });

  if (only !== undefined) {
    it(`seed ${only}: ${themes[Number(only) % themes.length]}`, async () => {
      await run(Number(only));
    });
    return;
  }

  for (const [index, theme] of themes.entries()) {
    it(`keeps the promises: ${theme}`, async () => {
      for (let seed = index; seed < seeds; seed += themes.length) {
        const outcome = await run(seed);
        for (const [what, count] of Object.entries(outcome)) sums[what] = (sums[what] ?? 0) + count;
      }
    });
  }

  it('has seen everything happen', { skip: seeds < seedsForEverything }, (context) => {
    const never = Object.keys(sums).filter((what) => sums[what] === 0 && !onDisk.has(what));
    context.diagnostic(JSON.stringify(sums));
    assert.deepEqual(never, []);
  });
});
