import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchSize } from '../../src/agents/batch-size.ts';

/** Sends batches until the agent has answered `calls` of them; it takes at most `limit` events. */
function send(size: BatchSize, limit: () => number, calls: number): number[] {
  return Array.from({ length: calls }, () => {
    const count = size.next;
    if (count <= limit()) size.accepted(count);
    else size.refused(count);
    return count;
  });
}

describe('BatchSize', () => {
  it('halves until the agent takes it, each time proved by a single event', () => {
    const size = new BatchSize(100);
    assert.deepEqual(
      send(size, () => 10, 10),
      [100, 1, 50, 1, 25, 1, 12, 1, 6, 6],
    );
    assert.equal(size.learned, 6);
  });

  it('grows again later, and waits longer each time that this was too early', () => {
    const size = new BatchSize(100);
    send(size, () => 50, 2);
    const sizes = send(size, () => 50, 32 + 2 + 64 + 2);
    assert.deepEqual(
      sizes.map((count, at) => (count === 50 ? -1 : at)).filter((at) => at >= 0),
      [32, 33, 98, 99],
    );
    // The agent was given a larger transactionCapacity.
    send(size, () => 100, 128);
    assert.equal(size.learned, undefined);
  });

  it('keeps its size where the channel is full', () => {
    const size = new BatchSize(100);
    assert.equal(size.refused(100), 'unclear');
    assert.equal(size.refused(1), 'full');
    assert.equal(size.next, 1);
    size.accepted(1);
    assert.equal(size.next, 100);
  });

  it('is not deceived by a full channel that has room for a few', () => {
    const size = new BatchSize(100);
    let room = 2;
    const limit = (): number => {
      const was = room;
      if (size.next <= was) room -= size.next;
      return was;
    };
    assert.deepEqual(send(size, limit, 7), [100, 1, 50, 1, 25, 1, 1]);
    room = 1000;
    assert.deepEqual(send(size, limit, 2), [1, 100]);
    assert.equal(size.learned, undefined);
  });

  it('says once what it learned', () => {
    const size = new BatchSize(100);
    size.refused(100);
    assert.equal(size.accepted(1), undefined);
    assert.equal(size.accepted(50), 'learned');
    assert.equal(size.accepted(50), undefined);
  });
});
