// A guard against slow decay: what 1,000 events cost, in things that can be counted, against a stored baseline. It times
// nothing, so a loaded machine does not fail it. After a change that is worth its price: npm run bench -- decay
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Numbers } from './harness/comparison.ts';
import { decayCounts } from './harness/decay.ts';

const baseline = JSON.parse(readFileSync(path.join(import.meta.dirname, 'decay.json'), 'utf8')) as Numbers;

// Versions of Node differ in what an object takes; a new copy of each body or header would cost far more than this.
const margin = 1.5;
const slack = { bytes: 10_000, calls: 5 };

test('1,000 events cost what they did: allocated bytes, socket writes, timers, turns', async () => {
  const counts = await decayCounts();
  assert.deepEqual(Object.keys(counts), Object.keys(baseline));
  for (const [name, before] of Object.entries(baseline)) {
    const limit = before * margin + (name.toLowerCase().includes('bytes') ? slack.bytes : slack.calls);
    const now = counts[name] ?? Number.NaN;
    assert.ok(now <= limit, `${name}: ${now} for 1,000 events, ${before} in bench/decay.json, at most ${limit}`);
  }
});
