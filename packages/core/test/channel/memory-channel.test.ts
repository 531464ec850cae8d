import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Channel, type ChannelPolicy, type Transaction } from '../../src/channel/channel.ts';
import { Ledger, type SettledListener } from '../../src/channel/ledger.ts';
import { type MemoryBounds, MemoryStore } from '../../src/store/memory-store.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { bodies, calls, followModel, overhead, put, type Settled, taken } from './channel-model.ts';

type Options = MemoryBounds & Pick<ChannelPolicy, 'whenFull'>;

function channelOf(options: Options, listener: SettledListener): { channel: Channel; store: MemoryStore } {
  const ledger = new Ledger(listener);
  const store = new MemoryStore(binaryProtocol, [], options, ledger);
  const { whenFull } = options;
  return { channel: new Channel(ledger, store, { whenFull, protocol: binaryProtocol, fixedHeaders: [] }), store };
}

function open(options: Partial<Options> = {}): { channel: Channel; store: MemoryStore; settled: Settled[] } {
  const settled: Settled[] = [];
  const chosen = { capacity: 1000, byteCapacity: 1024 * 1024, whenFull: 'drop-newest' as const, ...options };
  return { ...channelOf(chosen, (from, to, how) => settled.push({ from, to, how })), settled };
}

describe('MemoryChannel', () => {
  it('gives events in order, cut by count', () => {
    const { channel } = open();
    for (const body of ['a', 'b', 'c', 'd', 'e']) put(channel, body);
    assert.deepEqual(bodies(taken(channel.take(2, 1000))), ['a', 'b']);
    assert.deepEqual(bodies(taken(channel.take(9, 1000))), ['c', 'd', 'e']);
    assert.equal(channel.take(1, 1000), undefined);
  });

  it('stays whole where somebody puts an event on hearing that old ones gave way', () => {
    // The outer event fits into the block when it is measured, roughly, and not any more when it is written.
    for (let fill = 3_800; fill < 4_100; fill++) {
      const heard: string[] = [];
      const { channel } = channelOf({ capacity: 2, byteCapacity: 60_000, whenFull: 'drop-oldest' }, () => {
        if (heard.push('gave way') === 1) channel.put([], 'y'.repeat(60), false);
      });
      put(channel, 'x'.repeat(fill - 150));
      put(channel, 'x'.repeat(20));
      put(channel, 'é'.repeat(20));
      const batch = taken(channel.take(9, 1_000_000));
      assert.equal(bodies(batch).at(-1), 'é'.repeat(20), `after ${fill} bytes`);
      batch.commit();
      assert.deepEqual([channel.queuedEvents, channel.queuedBytes], [0, 0]);
    }
  });

  it('has all of its room again when what filled it is committed, by events and by bytes', () => {
    for (const bounds of [{ byteCapacity: 10 * (overhead + 50) }, { capacity: 10 }]) {
      const { channel } = open(bounds);
      for (let round = 0; round < 5; round++) {
        for (let event = 0; event < 10; event++) assert.equal(put(channel, 'x'.repeat(50)), true, `${round}.${event}`);
        assert.equal(put(channel, 'x'.repeat(50)), false, 'full');
        taken(channel.take(10, 1_000_000)).commit();
      }
    }
  });

  it('cuts by bytes, but gives one event at least', () => {
    const { channel } = open();
    for (const size of [10, 10, 10, 500, 10]) put(channel, 'x'.repeat(size));
    assert.equal(taken(channel.take(9, 2 * (overhead + 10))).count, 2);
    assert.equal(taken(channel.take(9, 2 * (overhead + 10) - 1)).count, 1);
    assert.equal(taken(channel.take(9, 100)).count, 1);
    assert.equal(taken(channel.take(9, 100)).count, 1);
  });

  it('keeps an event that is larger than a block in pieces', () => {
    const { channel } = open();
    const large = 'é'.repeat(300_000);
    put(channel, 'small');
    put(channel, large);
    put(channel, 'after');
    const batch = taken(channel.take(10, 2_000_000));
    assert.ok(batch.views.length > 2);
    assert.deepEqual(bodies(batch), ['small', large, 'after']);
  });

  it('gives what was rolled back again, in order and before newer events', () => {
    const { channel } = open();
    for (const body of ['a', 'b', 'c', 'd', 'e', 'f']) put(channel, body);
    const first = taken(channel.take(2, 1000));
    const second = taken(channel.take(2, 1000));
    second.rollback('suspicion');
    first.rollback('suspicion');
    assert.equal(channel.returnedEvents, 4);
    const again = taken(channel.take(2, 1000));
    assert.deepEqual(bodies(again), ['a', 'b']);
    assert.deepEqual([again.attempts, again.ownFailures], [1, 1]);
    again.rollback();
    const same = taken(channel.take(2, 1000));
    assert.deepEqual([same.attempts, same.ownFailures], [1, 1]);
    // A smaller view splits what came back.
    const part = taken(channel.take(1, 1000));
    assert.deepEqual(bodies(part), ['c']);
    // A part has not failed by itself.
    assert.deepEqual([part.attempts, part.ownFailures], [1, 0]);
    assert.deepEqual(bodies(taken(channel.take(2, 1000))), ['d']);
    const fresh = taken(channel.take(2, 1000));
    assert.deepEqual(bodies(fresh), ['e', 'f']);
    assert.equal(fresh.attempts, 0);
  });

  it('ends a transaction once', () => {
    const { channel } = open();
    put(channel, 'a');
    const batch = taken(channel.take(1, 1000));
    batch.commit();
    assert.throws(() => batch.commit(), /ended already/);
    assert.throws(() => batch.rollback(), /ended already/);
  });

  it('refuses events above either capacity, those in flight counted', () => {
    const { channel } = open({ capacity: 2 });
    assert.ok(put(channel, 'a') && put(channel, 'b'));
    const batch = taken(channel.take(2, 1000));
    assert.equal(put(channel, 'c'), false);
    batch.commit();
    assert.ok(put(channel, 'c'));

    const small = open({ byteCapacity: 100 }).channel;
    assert.ok(put(small, 'x'.repeat(100 - overhead)));
    assert.equal(put(small, ''), false);
    assert.equal(put(open({ byteCapacity: 100 }).channel, 'x'.repeat(101 - overhead)), false);
  });

  it('drop-oldest gives up the oldest that are not in flight', () => {
    const { channel, settled } = open({ capacity: 4, whenFull: 'drop-oldest' });
    for (const body of ['a', 'b', 'c', 'd']) put(channel, body);
    const flying = taken(channel.take(1, 1000));
    assert.ok(put(channel, 'e'));
    assert.deepEqual(settled, [{ from: 1, to: 2, how: 'full' }]);
    flying.rollback();
    assert.deepEqual(bodies(taken(channel.take(1, 1000))), ['a']);
    assert.deepEqual(bodies(taken(channel.take(9, 1000))), ['c', 'd', 'e']);
    // All in flight: nothing to give up.
    assert.equal(put(channel, 'f'), false);
  });

  it('drop-low refuses low events from 80 % on', () => {
    const { channel } = open({ capacity: 10, whenFull: 'drop-low' });
    for (let index = 0; index < 8; index++) assert.ok(put(channel, 'x', true));
    assert.equal(put(channel, 'x', true), false);
    assert.ok(put(channel, 'x') && put(channel, 'x'));
    assert.equal(put(channel, 'x'), false);
  });

  it('holds little more memory than the encoded bytes, and frees it in any order', () => {
    const { channel, store } = open({ capacity: 100_000, byteCapacity: 64 * 1024 * 1024 });
    for (let index = 0; index < 50_000; index++) put(channel, 'x'.repeat(index % 10 === 0 ? 1500 : 200));
    assert.ok(store.heldBytes <= channel.queuedBytes * 1.05, `${store.heldBytes} for ${channel.queuedBytes}`);
    const batches: Transaction[] = [];
    for (let batch = channel.take(100, 1e6); batch !== undefined; batch = channel.take(100, 1e6)) batches.push(batch);
    const odd = batches.filter((_batch, index) => index % 2 === 1);
    for (const batch of odd.reverse()) batch.commit();
    for (const batch of batches.filter((_batch, index) => index % 2 === 0)) batch.commit();
    assert.equal(channel.queuedEvents, 0);
    assert.equal(channel.queuedBytes, 0);
    // The block being written, and the spare ones.
    assert.ok(store.heldBytes <= 9 * 256 * 1024, String(store.heldBytes));
  });

  it('behaves as its model under any sequence of calls', () => {
    const options = fc.record({
      capacity: fc.integer({ min: 1, max: 40 }),
      byteCapacity: fc.integer({ min: 100, max: 60_000 }),
      whenFull: fc.constantFrom('drop-newest' as const, 'drop-oldest' as const, 'drop-low' as const),
    });
    fc.assert(
      fc.property(options, calls, (chosen, made) => {
        const { channel, settled } = open(chosen);
        followModel(channel, settled, made, () => {
          assert.ok(channel.queuedEvents <= chosen.capacity && channel.queuedBytes <= chosen.byteCapacity);
        });
      }),
      { numRuns: 400 },
    );
  });
});
