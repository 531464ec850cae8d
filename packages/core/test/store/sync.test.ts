// Every segment is synced in every mode that says so, also those that were closed to make room for others.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { type Disk, systemDisk } from '../../src/disk.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { dir, opened, withFolder } from '../channel/channel-folder.ts';
import { put } from '../channel/channel-model.ts';
import { SpoolingChannel } from '../channel/spooling-channel.ts';

describe('fsync', () => {
  withFolder();

  for (const fsync of ['always', 'interval', 'never'] as const) {
    it(`${fsync}: reaches ${fsync === 'never' ? 'no' : 'every'} segment of a burst`, async () => {
      const synced = new Set<string>();
      const disk = {
        ...systemDisk,
        fdatasync: (file: number, done: (error: Error | null) => void) => {
          synced.add(fs.readlinkSync(`/proc/self/fd/${file}`));
          fs.fdatasync(file, done);
        },
      } as Disk;
      const channel = new SpoolingChannel(
        binaryProtocol,
        [],
        { type: 'file', dir, maxBytes: 2 ** 20, minFreeBytes: 0, fsync, whenFull: 'drop-newest' },
        { clock: systemClock, disk },
        { settled: () => {}, arrived: () => {}, warn: () => {} },
      );
      opened.push(channel);
      for (let number = 0; number < 900; number++) assert.ok(put(channel, 'x'.repeat(1_000)));
      await channel.sync();
      const segments = (fs.readdirSync(dir, { recursive: true }) as string[]).filter((name) => name.endsWith('.seg'));
      assert.ok(segments.length > 12, `${segments.length}`);
      assert.equal(synced.size, fsync === 'never' ? 0 : segments.length);
    });
  }
});
