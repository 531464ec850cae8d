// How much room there is: asked when it matters, so that a burst is not refused while there is some.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { type Disk, systemDisk } from '../../src/disk.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { dir, opened, withFolder } from '../channel/channel-folder.ts';
import { put, type Settled } from '../channel/channel-model.ts';
import { SpoolingChannel, type SpoolingOptions } from '../channel/spooling-channel.ts';

const mebibyte = 2 ** 20;
const minFreeBytes = 64 * mebibyte;
const body = 'x'.repeat(10_000);

/** On a disk with so much free, which shrinks by what is written and by what somebody else takes. */
function open(
  free: () => number,
  options: Partial<SpoolingOptions & { type: 'file' }> = {},
): { channel: SpoolingChannel; settled: Settled[]; asked: () => number } {
  const settled: Settled[] = [];
  let [written, asked] = [0, 0];
  const disk = {
    ...systemDisk,
    statfsSync: () => {
      asked += 1;
      return { bavail: Math.max(0, free() - written), bsize: 1 };
    },
    writeSync: (file: number, bytes: Buffer, at: number, length: number, position: number) => {
      written += length;
      return fs.writeSync(file, bytes, at, length, position);
    },
  } as unknown as Disk;
  const channel = new SpoolingChannel(
    binaryProtocol,
    [],
    { type: 'file', dir, maxBytes: 2 ** 30, minFreeBytes, fsync: 'never', whenFull: 'drop-newest', ...options },
    // A burst takes no time.
    { clock: { ...systemClock, now: () => 0 }, disk },
    { settled: (from, to, how) => settled.push({ from, to, how }), arrived: () => {}, warn: () => {} },
  );
  opened.push(channel);
  return { channel, settled, asked: () => asked };
}

describe('room on the disk', () => {
  withFolder();

  for (const whenFull of ['drop-newest', 'drop-oldest'] as const) {
    it(`lasts for a burst to the last mebibyte, ${whenFull}`, () => {
      const { channel, settled, asked } = open(() => minFreeBytes + 20 * mebibyte, { whenFull });
      for (let number = 0; number < 1_900; number++) assert.ok(put(channel, body), `${number} events`);
      assert.deepEqual(settled, []);
      assert.ok(asked() < 40, `asked ${asked()} times`);
      if (whenFull === 'drop-oldest') return;
      for (let number = 0; number < 300; number++) put(channel, body);
      assert.ok(channel.queuedBytes <= 20 * mebibyte);
    });
  }

  it('drop-oldest gives up nothing where all of it would not make room', () => {
    let others = 0;
    const { channel, settled } = open(() => minFreeBytes + 100 * mebibyte - others, { whenFull: 'drop-oldest' });
    for (let number = 0; number < 1_000; number++) put(channel, body);
    others = 150 * mebibyte;
    for (let number = 0; number < 300; number++) put(channel, body);
    assert.deepEqual(settled, []);
    assert.ok(channel.queuedEvents >= 1_000);
    others = 95 * mebibyte;
  });
});
