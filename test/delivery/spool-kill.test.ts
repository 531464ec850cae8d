// An event that a file channel has accepted outlives kill -9 of its process, at any moment.

import { describe, it } from 'node:test';
import { leakCheck } from '../../packages/core/test/leak-check.ts';
import { killCycles } from './kill-cycles.ts';

describe('file channel, killed', { timeout: 300_000 }, () => {
  leakCheck();

  for (const [protocol, writers] of [
    ['compact', 1],
    ['binary', 1],
    ['compact', 8],
  ] as const) {
    it(`50 kills of ${writers === 1 ? 'one writer after the other' : '8 writers at a time'}, ${protocol}`, async () => {
      const outcome = await killCycles({ cycles: 50, writers, protocol });
      console.log(`  ${JSON.stringify(outcome)}`);
    });
  }
});
