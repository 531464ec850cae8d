// The books of an EmbeddedAgent: accepted + recovered = delivered + dropped + queued, at any moment.

import assert from 'node:assert/strict';
import type { Stats } from '../../packages/core/src/index.ts';

export function balance(stats: Stats): void {
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  const { accepted, recovered, delivered, queued } = stats;
  const right = delivered + dropped + queued.events;
  assert.equal(accepted + recovered, right, `the books do not balance: ${JSON.stringify(stats)}`);
  assert.ok(queued.events >= 0 && queued.bytes >= 0, `less than nothing is queued: ${JSON.stringify(queued)}`);
  assert.equal(queued.events === 0, queued.bytes === 0, `events and bytes disagree: ${JSON.stringify(queued)}`);
}
