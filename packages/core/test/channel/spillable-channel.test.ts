import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Clock, systemClock } from '../../src/clock.ts';
import { type Disk, systemDisk } from '../../src/disk.ts';
import type { FlumeError } from '../../src/errors.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { dir, opened, withFolder } from './channel-folder.ts';
import { all, bodies, calls, followModel, numbered, put, type Settled, taken, until } from './channel-model.ts';
import { SpoolingChannel, type SpoolingOptions } from './spooling-channel.ts';

interface Opened {
  readonly channel: SpoolingChannel;
  readonly settled: Settled[];
  readonly warnings: FlumeError[];
}

function open(
  options: Partial<SpoolingOptions & { type: 'spillable' }> = {},
  faults: Partial<Disk> = {},
  clock: Clock = systemClock,
): Opened {
  const settled: Settled[] = [];
  const warnings: FlumeError[] = [];
  const channel = new SpoolingChannel(
    binaryProtocol,
    [],
    {
      type: 'spillable',
      capacity: 1000,
      byteCapacity: 2 ** 20,
      dir,
      maxBytes: 2 ** 26,
      minFreeBytes: 0,
      fsync: 'never',
      whenFull: 'drop-newest',
      ...options,
    },
    { clock, disk: { ...systemDisk, ...faults } },
    {
      settled: (from, to, how) => settled.push({ from, to, how }),
      arrived: () => {},
      warn: (error) => warnings.push(error),
    },
  );
  opened.push(channel);
  return { channel, settled, warnings };
}

const segments = (): string[] =>
  (fs.readdirSync(dir, { recursive: true }) as string[]).filter((name) => name.endsWith('.seg'));

/** Turns of the event loop, until none asks for another. */
function runAll(turns: (() => void)[]): void {
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn();
}

describe('SpillableChannel', () => {
  withFolder();

  it('uses the disk only when memory is full, keeps the order, and memory again when the disk is drained', () => {
    const { channel } = open({ capacity: 10 });
    for (const body of numbered(10)) put(channel, body);
    assert.deepEqual(segments(), []);
    for (const body of numbered(10, 10)) put(channel, body);
    assert.equal(channel.spooledEvents, 10);
    const first = taken(channel.take(5, 1000));
    assert.deepEqual(bodies(first), numbered(5));
    first.commit();
    // There is room in memory again, but not before those on disk.
    put(channel, '20');
    assert.equal(channel.spooledEvents, 11);
    assert.deepEqual(all(channel), numbered(16, 5));
    put(channel, '21');
    assert.equal(channel.spooledEvents, 0);
    assert.equal(channel.tail, 22);
  });

  const options = fc.record({
    capacity: fc.integer({ min: 1, max: 40 }),
    byteCapacity: fc.integer({ min: 100, max: 40_000 }),
    maxBytes: fc.integer({ min: 300, max: 40_000 }),
    whenFull: fc.constantFrom('drop-newest' as const, 'drop-oldest' as const, 'drop-low' as const),
  });

  it('moves what memory holds to disk when the agents fail, with its history', () => {
    const turns: (() => void)[] = [];
    const { channel } = open({}, {}, { ...systemClock, soon: (callback) => turns.push(callback) });
    for (const body of numbered(900)) put(channel, body);
    const [first, second, flying] = Array.from({ length: 3 }, () => taken(channel.take(1, 1000)));
    first?.rollback('suspicion');
    second?.rollback();
    channel.outage(true);
    runAll(turns);
    assert.deepEqual([channel.queuedEvents, channel.spooledEvents], [900, 899]);
    put(channel, '900');
    assert.equal(channel.spooledEvents, 900);
    // In flight when it was moved about.
    flying?.rollback();
    const histories = [channel.take(1, 1000), channel.take(1, 1000)].map((batch) => {
      const { attempts, ownFailures } = taken(batch);
      return [...bodies(taken(batch)), attempts, ownFailures];
    });
    assert.deepEqual(histories, [
      ['0', 1, 1],
      ['1', 0, 0],
    ]);
    assert.deepEqual(all(channel), numbered(899, 2));
    // Nothing waits on disk, but a kill would cost what is in memory.
    put(channel, '901');
    assert.equal(channel.spooledEvents, 3);
    channel.outage(false);
    assert.deepEqual(all(channel), ['901']);
    put(channel, '902');
    assert.equal(channel.spooledEvents, 2);
  });

  it('moves events so that they make whole batches again', () => {
    const turns: (() => void)[] = [];
    const { channel } = open({}, {}, { ...systemClock, soon: (callback) => turns.push(callback) });
    for (let n = 0; n < 900; n++) put(channel, 'x'.repeat(1000));
    channel.outage(true);
    runAll(turns);
    assert.equal(channel.spooledEvents, 900);
    assert.equal(taken(channel.take(900, 2 ** 20)).count, 900);
  });

  it('drop-oldest gives up the oldest, wherever it is', () => {
    const { channel, settled } = open({ capacity: 32, maxBytes: 64 * 1024, whenFull: 'drop-oldest' });
    const body = (n: number): string => `${n}:`.padEnd(1000, 'x');
    for (let n = 0; n < 300; n++) assert.ok(put(channel, body(n)));
    assert.ok(channel.queuedEvents >= 32 + 55, `${channel.queuedEvents} queued`);
    const lost = 300 - channel.queuedEvents;
    assert.deepEqual([settled[0]?.from, settled.at(-1)?.to], [0, lost]);
    assert.deepEqual(
      all(channel),
      Array.from({ length: 300 - lost }, (_, index) => body(lost + index)),
    );
    // Nothing gives way for what could not be put in its place.
    const small = open({ byteCapacity: 1000, maxBytes: 64 * 1024, whenFull: 'drop-oldest' }).channel;
    assert.ok(put(small, 'kept'));
    assert.equal(put(small, 'x'.repeat(70_000)), false);
    assert.equal(small.queuedEvents, 1);
  });

  it('drop-oldest gives up nothing on a disk that is ill, since that would make no room', () => {
    let isIll = false;
    const writeSync = ((...args: Parameters<Disk['writeSync']>) => {
      if (isIll) throw Object.assign(new Error('EIO: made by the test'), { code: 'EIO' });
      return systemDisk.writeSync(...args);
    }) as Disk['writeSync'];
    const { channel, settled } = open({ capacity: 16, whenFull: 'drop-oldest' }, { writeSync });
    for (const body of numbered(30)) put(channel, body);
    taken(channel.take(16, 1000)).commit();
    isIll = true;
    for (const body of numbered(20, 30)) assert.ok(put(channel, body));
    assert.deepEqual(settled.splice(0, 1), [{ from: 0, to: 16, how: 'delivered' }]);
    assert.deepEqual(
      settled.map(({ from, to }) => [from, to]),
      [30, 31, 32, 33].map((ordinal) => [ordinal, ordinal + 1]),
    );
    assert.deepEqual(all(channel), [...numbered(14, 16), ...numbered(16, 34)]);
  });

  it('drop-low refuses low events when both parts are full to 80 %', () => {
    const { channel } = open({ capacity: 10, maxBytes: 64 * 1024, whenFull: 'drop-low' });
    let taken_ = 0;
    while (put(channel, 'x'.repeat(1000), true)) taken_ += 1;
    assert.ok(taken_ > 8 + 40 && taken_ < 8 + 52, `${taken_} low events`);
    let more = 0;
    while (put(channel, 'x'.repeat(1000))) more += 1;
    assert.ok(more >= 2 + 10, `${more} others`);
  });

  it('does with memory where the disk is ill, and says at the end what it could not keep', async () => {
    let isIll = true;
    const fail = (code: string): never => {
      throw Object.assign(new Error(`${code}: made by the test`), { code });
    };
    const mkdirSync = ((...args: Parameters<Disk['mkdirSync']>) =>
      isIll ? fail('EACCES') : systemDisk.mkdirSync(...args)) as Disk['mkdirSync'];
    const { channel, warnings } = open({ capacity: 10 }, { mkdirSync });
    channel.outage(true);
    for (const body of numbered(10)) assert.ok(put(channel, body));
    assert.equal(channel.put([], '10', false), 'full');
    channel.spill();
    assert.equal(channel.spooledEvents, 0);
    assert.match(String(channel.illness), /EACCES/);
    // A moment later it is well, and there is a last chance.
    isIll = false;
    channel.spill();
    assert.deepEqual([channel.spooledEvents, channel.illness], [10, undefined]);
    await until(() => warnings.length > 0);
    assert.equal(warnings[0]?.code, 'ERR_FLUME_DISK');
  });

  it('keeps as much as fits where the disk becomes full at the end', () => {
    let room = 20_000;
    const writeSync = ((file: number, bytes: Buffer, at: number, length: number, position: number) => {
      if (length > room) throw Object.assign(new Error('ENOSPC: made by the test'), { code: 'ENOSPC' });
      room -= length;
      return fs.writeSync(file, bytes, at, length, position);
    }) as Disk['writeSync'];
    const { channel } = open({}, { writeSync });
    for (let n = 0; n < 100; n++) put(channel, 'x'.repeat(1000));
    channel.spill();
    assert.equal(channel.spooledEvents, 19);
    assert.match(String(channel.illness), /ENOSPC/);
  });

  it('spills 100,000 events of 200 bytes in an instant', (test) => {
    const { channel } = open({ capacity: 100_000, byteCapacity: 2 ** 26 });
    for (let n = 0; n < 100_000; n++) put(channel, 'x'.repeat(200));
    const flying = Array.from({ length: 4 }, () => channel.take(100, 1e6));
    const start = performance.now();
    channel.spill();
    const ms = performance.now() - start;
    assert.deepEqual([channel.spooledEvents, flying.length], [100_000, 4]);
    test.diagnostic(`${ms.toFixed(0)} ms`);
    assert.ok(ms < 2_000, `${ms} ms`);
  });

  it('behaves as its model under any sequence of calls', async () => {
    await fc.assert(
      fc.asyncProperty(options, calls, async (chosen, made) => {
        const { channel, settled } = open(chosen);
        followModel(channel, settled, made, () => {});
        await channel.close();
      }),
      { numRuns: 300 },
    );
  });

  it('behaves as its model whenever agents fail and recover, and leaves all that was queued to the next', async () => {
    const outages = fc.array(fc.constantFrom(true, true, false, undefined), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(options, calls, outages, async (chosen, made, agents) => {
        const turns: (() => void)[] = [];
        const clock: Clock = { ...systemClock, soon: (callback) => turns.push(callback) };
        const { channel, settled } = open(chosen, {}, clock);
        let step = 0;
        const queued = followModel(channel, settled, made, () => {
          for (const turn of turns.splice(0)) turn();
          const isOutage = agents[step++ % agents.length];
          if (isOutage !== undefined) channel.outage(isOutage);
        });
        const settledBefore = settled.length;
        channel.spill();
        const lost = channel.queuedEvents - channel.spooledEvents;
        assert.equal(channel.illness === undefined, lost === 0);
        assert.equal(channel.queuedEvents, queued.length);
        assert.equal(settled.length, settledBefore);
        await channel.close();

        const next = open({ capacity: 10, maxBytes: 2 ** 26 }).channel;
        await until(() => next.recovered === queued.length - lost);
        const found = all(next);
        assert.deepEqual(found.sort(), queued.filter((body) => found.includes(body)).sort());
        await next.close();
        assert.deepEqual(fs.readdirSync(dir), []);
      }),
      { numRuns: 300 },
    );
  });
});
