// Somebody deletes what a writer has written: that is lost, counted, and no more.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { dir, opened, withFolder } from '../channel/channel-folder.ts';
import { bodies, put, type Settled } from '../channel/channel-model.ts';
import { SpoolingChannel, type SpoolingOptions } from '../channel/spooling-channel.ts';

const still: Clock = { ...systemClock, after: () => ({ cancel: () => {} }) };

function open(type: 'file' | 'spillable' = 'file'): { channel: SpoolingChannel; settled: Settled[] } {
  const settled: Settled[] = [];
  const bounds = { dir, maxBytes: 64 * 1024, minFreeBytes: 0, fsync: 'interval', whenFull: 'drop-newest' } as const;
  const options: SpoolingOptions =
    type === 'file' ? { type, ...bounds } : { type, ...bounds, capacity: 10, byteCapacity: 20_000 };
  const channel = new SpoolingChannel(
    binaryProtocol,
    [],
    options,
    { clock: still },
    { settled: (from, to, how) => settled.push({ from, to, how }), arrived: () => {}, warn: () => {} },
  );
  opened.push(channel);
  return { channel, settled };
}

const fill = (channel: SpoolingChannel, count: number, from = 0): void => {
  for (let number = from; number < from + count; number++) assert.ok(put(channel, `${number}:`.padEnd(1_000, 'x')));
};
const countOf = (settled: readonly Settled[], how: string): number =>
  settled.reduce((sum, one) => sum + (one.how === how ? one.to - one.from : 0), 0);

describe('what somebody deletes', () => {
  withFolder();

  for (const type of ['file', 'spillable'] as const) {
    it(`with the folder is not said to be spooled: ${type}`, async () => {
      const { channel, settled } = open(type);
      fill(channel, 30);
      const onDisk = channel.spooledEvents;
      fs.rmSync(dir, { recursive: true });
      await channel.close();
      assert.deepEqual([countOf(settled, 'disk'), channel.spooledEvents], [onDisk, 30 - onDisk]);
      assert.equal(channel.queuedEvents, 30 - onDisk);
    });
  }

  it('of a writer costs no more than that, and nothing is delivered twice', async () => {
    const { channel, settled } = open();
    fill(channel, 40);
    const [folder = ''] = fs.readdirSync(dir);
    const files = fs.readdirSync(path.join(dir, folder)).filter((name) => name.endsWith('.seg'));
    fs.unlinkSync(path.join(dir, folder, files.at(-1) ?? ''));
    await channel.sync();
    fill(channel, 10, 40);
    for (let look = 0; look < 3; look++) await channel.recover();
    assert.equal(channel.recovered, 0, 'it has not adopted its own');
    const found: string[] = [];
    while (channel.queuedEvents > 0) {
      const batch = channel.take(50, 1e6);
      if (batch !== undefined) found.push(...bodies(batch));
      batch?.commit();
    }
    assert.equal(found.length, new Set(found).size);
    assert.equal(found.length + countOf(settled, 'damaged'), 50);
    assert.ok(found.length >= 46, `${found.length} of 50`);
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('of a lock costs nothing: the writer is seen to live all the same', async () => {
    const { channel } = open();
    fill(channel, 10);
    const [folder = ''] = fs.readdirSync(dir);
    fs.unlinkSync(path.join(dir, folder, 'lock'));
    await channel.recover();
    const other = open().channel;
    await other.recover();
    assert.equal(other.recovered, 0);
  });
});
