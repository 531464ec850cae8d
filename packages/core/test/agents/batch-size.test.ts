import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../../test/delivery/virtual-clock.ts';
import { BatchSize, batchSizes } from '../../src/agents/batch-size.ts';

const hourMs = 3_600_000;

function opened(batchSize?: number): { size: BatchSize; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { size: new BatchSize(batchSizes(batchSize), clock), clock };
}

/** Sends full batches, one after the other, to an agent that takes at most `limit` events. @returns their sizes */
function send(size: BatchSize, limit: () => number, calls: number): number[] {
  return Array.from({ length: calls }, () => {
    const count = size.next;
    size.sent(count);
    if (count <= limit()) size.accepted(count);
    else size.refused(count, false);
    return count;
  });
}

describe('BatchSize, configured', () => {
  it('finds the largest size that the agent takes, each refusal explained by a single event', () => {
    const { size } = opened(500);
    const sizes = send(size, () => 100, 30);
    assert.deepEqual(sizes.slice(0, 8), [500, 1, 250, 1, 125, 1, 63, 94]);
    assert.equal(size.usual, 100);
    assert.equal(size.next, 100);
    assert.ok(sizes.filter((count) => count > 100).length <= 7, String(sizes));
  });

  for (const limit of [1, 2, 3, 99, 499]) {
    it(`finds ${limit} as ${limit}`, () => {
      const { size } = opened(500);
      send(size, () => limit, 60);
      assert.equal(size.usual, limit);
    });
  }

  it('keeps what it found for an hour, then tries once, and goes back at once', () => {
    const { size, clock } = opened(500);
    send(size, () => 100, 30);
    clock.block(hourMs - 1);
    assert.deepEqual(
      send(size, () => 100, 5),
      [100, 100, 100, 100, 100],
    );
    clock.block(1);
    assert.deepEqual(
      send(size, () => 100, 4),
      [500, 100, 100, 100],
    );
    clock.block(hourMs);
    assert.deepEqual(
      send(size, () => 500, 2),
      [500, 500],
    );
  });

  it('forgets it where the agent was away, and not where a connection broke', () => {
    const { size } = opened(500);
    send(size, () => 100, 30);
    size.broken();
    assert.equal(size.next, 100);
    size.restarted();
    assert.equal(size.next, 500);
  });

  it('says what it learned once, and only when it is sure', () => {
    const { size } = opened(8);
    size.refused(8, false);
    assert.equal(size.accepted(1), undefined);
    assert.equal(size.next, 4);
    const told: (string | undefined)[] = [];
    while (told.length < 12) told.push(size.next <= 5 ? size.accepted(size.next) : void size.refused(size.next, false));
    assert.deepEqual(
      told.filter((one) => one !== undefined),
      ['learned'],
    );
    assert.ok(told.indexOf('learned') >= 6, String(told));
    assert.equal(size.usual, 5);
  });
});

describe('BatchSize, where a channel is full', () => {
  it('begins again with one event, and is as before when the agent takes all again', () => {
    const { size } = opened(100);
    size.accepted(100);
    assert.equal(size.refused(100, false), false, 'it took as many before');
    assert.equal(size.next, 100);
    size.refused(100, true);
    assert.deepEqual(
      send(size, () => 100, 9),
      [1, 2, 4, 8, 16, 32, 64, 100, 100],
    );
    assert.equal(size.usual, 100);
  });

  it('is as before within a minute, also where few events come', () => {
    const { size, clock } = opened(100);
    size.accepted(100);
    size.refused(100, true);
    assert.equal(size.next, 1);
    clock.block(60_000);
    assert.equal(size.next, 100);
  });

  it('learns nothing from a channel that has room for a few', () => {
    const { size } = opened(100);
    let room = 140;
    const told: (string | undefined)[] = [];
    for (let calls = 0; calls < 40; calls++) {
      const count = size.next;
      if (count > room) size.refused(count, true);
      else {
        room -= count;
        told.push(size.accepted(count));
      }
    }
    assert.equal(size.usual, 100);
    assert.ok(!told.includes('learned'));
  });

  it('learns nothing either where the first batch met it', () => {
    const { size } = opened(100);
    let room = 40;
    for (let calls = 0; calls < 60; calls++) {
      const count = size.next;
      if (count > room) size.refused(count, true);
      else {
        room -= count;
        assert.notEqual(size.accepted(count), 'learned');
      }
    }
    assert.equal(size.usual, 100);
  });

  it('takes what it learned from an event that nobody can take back', () => {
    const { size } = opened(100);
    // Batches that have a certain event are refused, whatever their size; it stays at the head of the line.
    size.refused(100, false);
    size.accepted(1);
    size.refused(50, false);
    size.accepted(1);
    size.accepted(25);
    size.refused(37, false);
    size.accepted(1);
    assert.equal(size.refused(25, false), false);
    assert.equal(size.next, 100);
  });
});

describe('BatchSize, not configured', () => {
  it('grows to 1,000 while full batches are accepted, four of each size', () => {
    const { size } = opened();
    assert.deepEqual(
      send(size, () => 1_000, 18),
      [100, 100, 100, 100, 200, 200, 200, 200, 400, 400, 400, 400, 800, 800, 800, 800, 1000, 1000],
    );
  });

  it('does not grow while no more events wait', () => {
    const { size } = opened();
    for (let calls = 0; calls < 40; calls++) size.accepted(calls % 4 === 3 ? 99 : 100);
    assert.equal(size.next, 100);
  });

  it('goes back at the first refusal, and stays there for an hour, without a notice', () => {
    const { size, clock } = opened();
    const sizes = send(size, () => 100, 60);
    assert.deepEqual(
      sizes.filter((count) => count > 100),
      [200],
    );
    assert.equal(size.accepted(100), undefined);
    clock.block(hourMs);
    assert.equal(send(size, () => 100, 60).filter((count) => count > 100).length, 1);
  });

  it('tries a larger size with one batch at a time', () => {
    const { size } = opened();
    send(size, () => 1_000, 4);
    assert.equal(size.next, 200);
    size.sent(200);
    assert.equal(size.next, 100, 'until that is answered');
    size.accepted(200);
    assert.equal(size.next, 200);
  });

  it('finds what an agent takes that takes less than it begins with', () => {
    const { size } = opened();
    send(size, () => 30, 40);
    assert.equal(size.usual, 30);
  });

  it('takes the refusal of a size that passed before for a full channel', () => {
    const { size } = opened();
    send(size, () => 1_000, 20);
    size.refused(1_000, false);
    size.refused(1_000, true);
    assert.equal(size.next, 1);
    assert.equal(send(size, () => 1_000, 12).at(-1), 1_000);
  });
});
