import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../../test/delivery/virtual-clock.ts';
import { Backoff } from '../../src/agents/backoff.ts';
import { Condition } from '../../src/agents/condition.ts';
import { FlumeError } from '../../src/errors.ts';

const error = new FlumeError('ERR_FLUME_FAILED', 'refused');

/** Fails so often in a row, each time as soon as its rest is over. @returns how long it rested each time */
function rests(times: number, fail: (condition: Condition) => void): number[] {
  const clock = new VirtualClock();
  const backoff = new Backoff({ initialDelayMs: 250, maxDelayMs: 30_000 }, () => 1);
  const condition = new Condition(backoff, clock, () => {});
  const spans: number[] = [];
  for (let time = 0; time < times; time++) {
    const from = clock.now();
    fail(condition);
    while (condition.isResting) clock.step();
    spans.push(clock.now() - from);
  }
  return spans;
}

describe('the rest of an agent that fails', () => {
  it('is twice as long each time', () => {
    assert.deepEqual(
      rests(4, (condition) => condition.fail(error)),
      [250, 500, 1_000, 2_000],
    );
  });

  it('is no longer than the failure allows', () => {
    const spans = rests(6, (condition) => condition.fail(error, 1_000));
    assert.deepEqual(spans, [250, 500, 1_000, 1_000, 1_000, 1_000]);
  });
});
