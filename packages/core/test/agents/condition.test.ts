import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../../test/delivery/virtual-clock.ts';
import { Backoff } from '../../src/agents/backoff.ts';
import { Condition } from '../../src/agents/condition.ts';
import { FlumeError } from '../../src/errors.ts';

const error = new FlumeError('ERR_FLUME_FAILED', 'refused');

function opened(): { condition: Condition; clock: VirtualClock; rested: () => number } {
  const clock = new VirtualClock();
  const backoff = new Backoff({ initialDelayMs: 250, maxDelayMs: 30_000 }, () => 1);
  let rested = 0;
  return { condition: new Condition(backoff, clock, () => (rested += 1)), clock, rested: () => rested };
}

/** Fails so often in a row, each time as soon as its rest is over. @returns how long it rested each time */
function rests(times: number, fail: (condition: Condition) => void): number[] {
  const { condition, clock } = opened();
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

describe('how an agent is', () => {
  it('is told by its last answers: well, shaken, failing', () => {
    const { condition } = opened();
    assert.equal(condition.tag, 'well');
    assert.equal(condition.doubt(error), 'shaken');
    assert.deepEqual([condition.tag, condition.isResting], ['shaken', false]);
    assert.equal(condition.doubt(error), 'begun');
    assert.deepEqual([condition.tag, condition.isResting], ['failing', true]);
    assert.equal(condition.fail(error), 'failing');
    assert.deepEqual(condition.stats, { failures: 2, lastError: 'refused' });
    condition.accepted();
    assert.equal(condition.tag, 'well');
    assert.deepEqual(condition.stats, { failures: 0, lastError: undefined });
    condition.close();
  });

  it('is promising when it answered a ping since it failed, and only then', () => {
    const { condition } = opened();
    condition.answered();
    assert.equal(condition.isPromising, false, 'it is well');
    condition.doubt(error);
    assert.equal(condition.isPromising, false);
    condition.answered();
    assert.equal(condition.isPromising, true);
    condition.fail(error);
    assert.equal(condition.isPromising, false);
    condition.answered();
    condition.fail(error);
    assert.equal(condition.isPromising, false, 'it failed once more');
    condition.close();
  });

  it('is silent until it answers anything', () => {
    const { condition } = opened();
    assert.equal(condition.isSilent, false);
    condition.silent();
    assert.equal(condition.isSilent, true);
    condition.answered();
    assert.equal(condition.isSilent, false);
    condition.silent();
    condition.accepted();
    assert.equal(condition.isSilent, false);
  });

  it('knows how long ago it failed, and for how long it had', () => {
    const { condition, clock } = opened();
    assert.equal(condition.sinceFailureMs, Number.POSITIVE_INFINITY);
    clock.block(1_000);
    condition.doubt(error);
    clock.block(300);
    assert.equal(condition.sinceFailureMs, 300);
    assert.equal(condition.accepted(), undefined, 'one failure is no outage');
    assert.equal(condition.sinceFailureMs, Number.POSITIVE_INFINITY);
    condition.fail(error);
    clock.block(700);
    condition.fail(error);
    assert.equal(condition.sinceFailureMs, 0);
    clock.block(50);
    assert.equal(condition.accepted(), 750);
    condition.close();
  });

  it('rests for half a second at most while somebody waits', () => {
    const { condition, clock, rested } = opened();
    for (let time = 0; time < 4; time++) condition.fail(error);
    condition.hurry(true);
    const from = clock.now();
    while (condition.isResting) clock.step();
    assert.deepEqual([clock.now() - from, rested()], [500, 1]);
    condition.fail(error);
    while (condition.isResting) clock.step();
    assert.deepEqual([clock.now() - from, rested()], [1_000, 2]);
    condition.hurry(false);
    condition.fail(error);
    const later = clock.now();
    while (condition.isResting) clock.step();
    assert.equal(clock.now() - later, 8_000);
  });
});
