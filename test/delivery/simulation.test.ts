// The promises of delivery, each simulation another hour with the agents: 3,000 hours of each theme, `npm run simulate` 10,000.
// SEED=123 replays one and prints what happens in it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { themes } from './scenario.ts';
import { asked, only, replay, runTheme } from './seeds.ts';

const seeds = Number(asked ?? 3_000);
// With fewer seeds, something rare may not happen in any.
const seedsForEverything = 1_000;
// Reasons that a memory channel does not know.
const onDisk = new Set(['disk', 'damaged']);

/** What happened in all simulations together. */
const sums: Record<string, number> = {};

describe('delivery, simulated', () => {
  if (only !== undefined) {
    it(`seed ${only}: ${themes[Number(only) % themes.length]}`, () => replay('agents', only as string));
    return;
  }

  for (const [index, theme] of themes.entries()) {
    it(`keeps the promises: ${theme}`, async () => {
      const outcome = await runTheme('agents', seeds, index, themes.length);
      for (const [what, count] of Object.entries(outcome)) sums[what] = (sums[what] ?? 0) + count;
    });
  }

  it('has seen everything happen', { skip: seeds < seedsForEverything }, (context) => {
    const never = Object.keys(sums).filter((what) => sums[what] === 0 && !onDisk.has(what));
    context.diagnostic(JSON.stringify(sums));
    assert.deepEqual(never, []);
  });
});
