// A guard against slow decay: what 1,000 events cost, in things that can be counted, against a stored baseline: bytes on the
// heap for a put and for a line of pino's, socket writes and flushes, timers, turns. It times nothing, so a loaded machine does
// not fail it. After a change that is worth its price: npm run bench -- decay
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Numbers } from './harness/comparison.ts';
import { decayCounts } from './harness/decay.ts';

const baseline = JSON.parse(readFileSync(path.join(import.meta.dirname, 'decay.json'), 'utf8')) as Numbers;

// Versions of Node differ in what an object takes and in what they compile; a copy of each header or body, or one object more
// for each event, costs more than this.
const margin = 2;
const slack = { bytes: 20_000, calls: 5 };

test('1,000 events cost what they did: allocated bytes, socket writes, timers, turns', async () => {
  const counts = await decayCounts();
  assert.deepEqual(Object.keys(counts), Object.keys(baseline));
  for (const [name, before] of Object.entries(baseline)) {
    const limit = before * margin + (name.toLowerCase().includes('bytes') ? slack.bytes : slack.calls);
    const now = counts[name] ?? Number.NaN;
    assert.ok(now <= limit, `${name}: ${now} for 1,000 events, ${before} in bench/decay.json, at most ${limit}`);
  }
});
