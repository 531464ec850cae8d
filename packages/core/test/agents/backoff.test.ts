import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backoff } from '../../src/agents/backoff.ts';

it('waits up to twice as long after each failure in a row, up to the bound, and begins anew', () => {
  const backoff = new Backoff({ initialDelayMs: 100, maxDelayMs: 1_000 }, () => 0.5);
  const waits = (): number[] => Array.from({ length: 6 }, () => backoff.next());
  assert.deepEqual(waits(), [50, 100, 200, 400, 500, 500]);
  assert.equal(backoff.failures, 6);
  backoff.reset();
  assert.equal(backoff.failures, 0);
  assert.deepEqual(waits(), [50, 100, 200, 400, 500, 500]);
});

it('stays at the bound however often it fails', () => {
  const backoff = new Backoff({ initialDelayMs: 1, maxDelayMs: 2 ** 31 }, () => 1);
  for (let failure = 0; failure < 31; failure++) assert.equal(backoff.next(), 2 ** failure);
  for (let failure = 0; failure < 2_000; failure++) assert.equal(backoff.next(), 2 ** 31);
});
