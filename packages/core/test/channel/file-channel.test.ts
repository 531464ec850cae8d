import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/clock.ts';
import { type Disk, systemDisk } from '../../src/disk.ts';
import type { FlumeError } from '../../src/errors.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { compactProtocol } from '../../src/thrift/compact-protocol.ts';
import type { Protocol } from '../../src/thrift/protocol.ts';
import { Reader } from '../../src/thrift/reply.ts';
import { dir, diskBytes, opened, withFolder } from './channel-folder.ts';
import {
  all,
  bodies,
  calls,
  followModel,
  numbered,
  overhead,
  put,
  type Settled,
  taken,
  until,
} from './channel-model.ts';
import { SpoolingChannel, type SpoolingOptions } from './spooling-channel.ts';

interface Opened {
  readonly channel: SpoolingChannel;
  readonly settled: Settled[];
  readonly warnings: FlumeError[];
}

function open(
  options: Partial<SpoolingOptions & { type: 'file' }> = {},
  { protocol = binaryProtocol, disk = systemDisk }: { protocol?: Protocol; disk?: Disk } = {},
): Opened {
  const settled: Settled[] = [];
  const warnings: FlumeError[] = [];
  const channel = new SpoolingChannel(
    protocol,
    [],
    { type: 'file', dir, maxBytes: 2 ** 26, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest', ...options },
    { clock: systemClock, disk },
    {
      settled: (from, to, how) => settled.push({ from, to, how }),
      arrived: () => {},
      warn: (error) => warnings.push(error),
    },
  );
  opened.push(channel);
  return { channel, settled, warnings };
}

/** The files of the spool, sockets left out, without what is by chance in their names. */
const files = (pattern: RegExp): string[] =>
  (fs.readdirSync(dir, { recursive: true }) as string[]).filter((name) => pattern.test(name)).sort();

describe('FileChannel', () => {
  withFolder();

  it('gives events in order, cut by count and by bytes', () => {
    const { channel } = open();
    for (const body of ['a', 'b', 'c', 'd', 'x'.repeat(500)]) assert.ok(put(channel, body));
    assert.deepEqual(bodies(taken(channel.take(2, 1000))), ['a', 'b']);
    assert.deepEqual(bodies(taken(channel.take(9, 2 * (overhead + 1)))), ['c', 'd']);
    assert.equal(taken(channel.take(9, 10)).count, 1);
    assert.equal(channel.take(1, 1000), undefined);
  });

  it('has an event on disk before put() returns', () => {
    const { channel } = open();
    put(channel, 'written');
    const [segment = ''] = files(/\.seg$/);
    assert.ok(fs.readFileSync(path.join(dir, segment)).includes('written'));
    assert.equal(fs.statSync(path.join(dir, segment)).mode & 0o777, 0o600);
    assert.equal(fs.statSync(path.join(dir, path.dirname(segment))).mode & 0o777, 0o700);
  });

  it('behaves as its model under any sequence of calls', async () => {
    const options = fc.record({
      maxBytes: fc.integer({ min: 300, max: 60_000 }),
      whenFull: fc.constantFrom('drop-newest' as const, 'drop-oldest' as const, 'drop-low' as const),
    });
    await fc.assert(
      fc.asyncProperty(options, calls, async (chosen, made) => {
        const { channel, settled } = open(chosen);
        followModel(channel, settled, made, () => {
          assert.ok(diskBytes() <= chosen.maxBytes + 2 * 4096, `${diskBytes()} on disk`);
        });
        await channel.close();
        for (const name of fs.readdirSync(dir)) fs.rmSync(path.join(dir, name), { recursive: true });
      }),
      { numRuns: 150 },
    );
  });

  it('gives what was left to the next channel, without what was committed', async () => {
    const first = open().channel;
    for (const body of numbered(10)) put(first, body);
    const batches = Array.from({ length: 5 }, () => taken(first.take(2, 1000)));
    batches[1]?.commit();
    batches[3]?.drop('poison');
    await first.close();
    const second = open().channel;
    await until(() => second.recovered === 6);
    assert.deepEqual(all(second), ['0', '1', '4', '5', '8', '9']);
    await second.close();
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('leaves what is living alone, and gets it as soon as that closes', async () => {
    const first = open().channel;
    put(first, 'a');
    const second = open().channel;
    put(second, 'b');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(second.recovered, 0);
    await first.close();
    await until(() => second.recovered === 1);
    assert.deepEqual(all(second), ['b', 'a']);
  });

  it('deletes a segment when all of its events are settled, whatever else is stuck', async () => {
    const { channel } = open({ maxBytes: 256 * 1024 });
    for (let index = 0; index < 120; index++) put(channel, 'x'.repeat(1000));
    const before = files(/\.seg$/).length;
    assert.ok(before > 5);
    const stuck = taken(channel.take(1, 1000));
    while (channel.take(10, 1e5)?.commit() !== undefined || channel.availableEvents > 0);
    assert.equal(channel.queuedEvents, 1);
    assert.ok(files(/\.seg$/).length <= 2, String(files(/\.seg$/)));
    stuck.commit();
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('encodes anew what was written in another protocol', async () => {
    const first = open({}, { protocol: compactProtocol }).channel;
    for (let index = 0; index < 300; index++) first.put(['n', `${index}`], 'é'.repeat(index), false);
    await first.close();
    const second = open().channel;
    await until(() => second.recovered === 300);
    const batch = taken(second.take(300, 1e6));
    const bytes = Buffer.concat(batch.views as Uint8Array[]);
    assert.equal(bytes.length, batch.byteLength);
    const reader = new Reader(bytes);
    for (let index = 0; index < 300; index++) {
      const { headers, body } = binaryProtocol.readEvent(reader);
      assert.deepEqual([headers, body.toString()], [['n', `${index}`], 'é'.repeat(index)]);
    }
  });

  it('reads from the disk what memory has no room for', () => {
    const { channel } = open();
    const expected: string[] = [];
    for (let index = 0; index < 3000; index++) {
      const body = `${index}:${'x'.repeat(index === 7 ? 600_000 : 3000)}`;
      expected.push(body);
      put(channel, body);
    }
    assert.deepEqual(all(channel), expected);
  });
});
