// The file channel on a disk that is full, ill, or in other hands: no exception, no loss without a count, and it goes on by
// itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 as crc32Of } from 'node:zlib';
import { type Disk, systemDisk } from '../../src/channel/disk.ts';
import { FileChannel, type FileChannelOptions } from '../../src/channel/file-channel.ts';
import { segmentName } from '../../src/channel/segment.ts';
import { systemClock } from '../../src/clock.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { leakCheck } from '../leak-check.ts';
import { bodies, put, type Settled, taken, until } from './channel-model.ts';
import { randomOf } from './damaged-spool.ts';

interface Opened {
  readonly channel: FileChannel;
  readonly settled: Settled[];
  readonly warnings: string[];
}

type ReadCallback = (error: Error | null, read: number) => void;

let dir = '';
const opened: FileChannel[] = [];

async function closeAll(): Promise<void> {
  for (const channel of opened.splice(0)) await channel.close();
  fs.rmSync(dir, { recursive: true, force: true });
}

/** Hooks for a describe(): the leak check sees what is left when the channels are closed. */
function withFolder(): void {
  afterEach(closeAll);
  leakCheck();
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-spool-'));
  });
}

function open(options: Partial<FileChannelOptions> = {}, faults: Partial<Disk> = {}): Opened {
  const settled: Settled[] = [];
  const warnings: string[] = [];
  const channel = new FileChannel(
    binaryProtocol,
    [],
    { dir, maxBytes: 2 ** 26, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest', ...options },
    { clock: systemClock, disk: { ...systemDisk, ...faults } },
    {
      settled: (from, to, how) => settled.push({ from, to, how }),
      arrived: () => {},
      warn: ({ code, message }) => warnings.push(`${code} ${message}`),
    },
  );
  opened.push(channel);
  return { channel, settled, warnings };
}

function drain(channel: FileChannel): string[] {
  const found: string[] = [];
  for (let batch = channel.take(50, 1e6); batch !== undefined; batch = channel.take(50, 1e6)) {
    found.push(...bodies(batch));
    batch.commit();
  }
  return found;
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: made by the test`), { code });
const segments = (): string[] =>
  (fs.readdirSync(dir, { recursive: true }) as string[]).filter((name) => name.endsWith('.seg'));

/** A small file system of its own; undefined where this user may not mount one. */
function mountSmall(place: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'flume-test', place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('file channel on an ill disk', () => {
  withFolder();

  it('fills a disk of 4 MB and frees it, 60 times', async (test) => {
    const small = path.join(dir, 'small');
    fs.mkdirSync(small);
    if (!mountSmall(small)) {
      test.skip('mounting a tmpfs needs root');
      return;
    }
    try {
      const { channel, settled, warnings } = open({ dir: path.join(small, 'spool') });
      let number = 0;
      for (let cycle = 0; cycle < 60; cycle++) {
        const accepted: string[] = [];
        let refused = 0;
        while (refused < 20) {
          const body = `${number++}:${'x'.repeat(1000)}`;
          if (put(channel, body)) accepted.push(body);
          else refused += 1;
        }
        assert.ok(accepted.length > 2_000, `cycle ${cycle}: ${accepted.length} fitted`);
        assert.deepEqual(drain(channel), accepted);
        // As long as a full disk is left alone.
        await delay(21);
      }
      assert.ok(settled.every(({ how }) => how === 'delivered'));
      assert.ok(warnings.some((text) => text.startsWith('ERR_FLUME_DISK') && text.includes('ENOSPC')));
      assert.ok(warnings.some((text) => text.startsWith('FLUME_RECOVERED')));
      await channel.close();
      assert.deepEqual(fs.readdirSync(path.join(small, 'spool')), []);
    } finally {
      await opened[0]?.close();
      execFileSync('umount', [small]);
    }
  });

  it('loses nothing that it accepted to writes that fail or are short', async () => {
    for (let seed = 0; seed < 150; seed++) {
      const random = randomOf(seed);
      const calls = { write: 0 };
      const faults: Partial<Disk> = {
        writeSync: ((file: number, bytes: Buffer, at: number, length: number, position: number) => {
          calls.write += 1;
          const chance = random();
          if (chance < 0.05) throw failure(chance < 0.025 ? 'ENOSPC' : 'EIO');
          const some = chance < 0.3 ? 1 + Math.floor(random() * length) : length;
          return fs.writeSync(file, bytes, at, Math.min(some, length), position);
        }) as Disk['writeSync'],
        ftruncateSync: (file, length) => {
          if (random() < 0.2) throw failure('EIO');
          fs.ftruncateSync(file, length);
        },
      };
      // Time passes faster than the disk is left alone.
      let now = 0;
      const clock = { ...systemClock, now: () => (now += 50) };
      const channel = new FileChannel(
        binaryProtocol,
        [],
        { dir, maxBytes: 2 ** 20, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest' },
        { clock, disk: { ...systemDisk, ...faults } },
        { settled: () => {}, arrived: () => {}, warn: () => {} },
      );
      opened.push(channel);
      const accepted: string[] = [];
      for (let number = 0; number < 60; number++) {
        const body = `${number}:${'x'.repeat(Math.floor(random() * 300))}`;
        if (put(channel, body)) accepted.push(body);
      }
      const half = taken(channel.take(Math.ceil(accepted.length / 2), 1e6));
      assert.deepEqual(bodies(half), accepted.slice(0, half.count), `seed ${seed}`);
      half.commit();
      await channel.close();

      const { channel: next, settled } = open();
      await next.recover();
      const rest = drain(next);
      // Acknowledgements may be lost, events may not.
      assert.deepEqual(rest.slice(-(accepted.length - half.count)), accepted.slice(half.count), `seed ${seed}`);
      assert.ok(settled.every(({ how }) => how === 'delivered'));
      await next.close();
      assert.deepEqual(fs.readdirSync(dir), [], `seed ${seed}`);
    }
  });

  it('takes back half a record', () => {
    let halves = 0;
    const { channel } = open(
      {},
      {
        writeSync: ((file: number, bytes: Buffer, at: number, length: number, position: number) => {
          if (length < 4_000 || halves > 1) return fs.writeSync(file, bytes, at, length, position);
          halves += 1;
          if (halves === 2) throw failure('ENOSPC');
          return fs.writeSync(file, bytes, at, Math.floor(length / 2), position);
        }) as Disk['writeSync'],
      },
    );
    assert.ok(put(channel, 'a'));
    const [segment = ''] = segments();
    const { size } = fs.statSync(path.join(dir, segment));
    assert.equal(channel.put([], 'x'.repeat(9_000), false), 'full');
    assert.equal(fs.statSync(path.join(dir, segment)).size, size);
  });

  it('writes to a new segment after a failed fsync, and never tries it again', async () => {
    let syncs = 0;
    const { channel, warnings } = open(
      { fsync: 'always' },
      {
        fdatasync: ((_file: number, callback: (error: Error | null) => void) => {
          syncs += 1;
          setImmediate(callback, syncs === 1 ? failure('EIO') : null);
        }) as Disk['fdatasync'],
      },
    );
    put(channel, 'a');
    const [first] = segments();
    await until(() => /ERR_FLUME_DISK.*EIO/.test(String(warnings)));
    assert.equal(syncs, 1);
    await until(() => put(channel, 'b'));
    assert.equal(segments().length, 2);
    await until(() => syncs === 2);
    assert.ok(segments().includes(String(first)));
    assert.deepEqual(drain(channel), ['a', 'b']);
  });

  it('does one fsync for all that a turn of the event loop has put', async () => {
    let syncs = 0;
    const { channel } = open(
      { fsync: 'always' },
      {
        fdatasync: ((file: number, callback: (error: Error | null) => void) => {
          syncs += 1;
          fs.fdatasync(file, callback);
        }) as Disk['fdatasync'],
      },
    );
    for (let number = 0; number < 1_000; number++) put(channel, 'x');
    await channel.sync();
    assert.ok(syncs <= 2, String(syncs));
  });

  it('goes on in a new folder when somebody has deleted its own', async () => {
    const { channel, warnings } = open({ fsync: 'interval' });
    put(channel, 'a');
    fs.rmSync(dir, { recursive: true });
    await channel.sync();
    put(channel, 'b');
    await until(() => /ERR_FLUME_DISK/.test(String(warnings)));
    await until(() => put(channel, 'c'));
    assert.equal(segments().length, 1);
    const found = drain(channel);
    assert.deepEqual([found[0], found.at(-1)], ['a', 'c']);
  });

  it('counts what was deleted before it could be read', async () => {
    const first = open().channel;
    for (let number = 0; number < 10; number++) put(first, `${number}`);
    await first.close();
    const { channel, settled } = open();
    await channel.recover();
    assert.equal(channel.queuedEvents, 10);
    for (const name of segments()) fs.unlinkSync(path.join(dir, name));
    assert.equal(channel.take(5, 1000), undefined);
    assert.deepEqual(settled, [{ from: 0, to: 10, how: 'damaged' }]);
    assert.equal(channel.queuedEvents, 0);
  });

  it('waits where the disk does not give now what it has', async () => {
    const first = open().channel;
    put(first, 'a');
    await first.close();
    let isIll = true;
    const { channel } = open(
      {},
      {
        readSync: ((...args: Parameters<Disk['readSync']>) => {
          if (isIll && channel.queuedEvents > 0) throw failure('EMFILE');
          return fs.readSync(...args);
        }) as Disk['readSync'],
      },
    );
    await channel.recover();
    assert.equal(channel.take(5, 1000), undefined);
    assert.equal(channel.queuedEvents, 1);
    isIll = false;
    assert.deepEqual(drain(channel), ['a']);
  });

  it('tries again what cannot be read at the start, and loses nothing', async () => {
    const first = open().channel;
    for (let number = 0; number < 2_000; number++) put(first, `${number}:${'x'.repeat(500)}`);
    await first.close();
    let faults = 3;
    const { channel, settled } = open(
      {},
      {
        read: ((file: number, bytes: Buffer, at: number, length: number, position: number, callback: ReadCallback) => {
          if (faults-- <= 0) fs.read(file, bytes, at, length, position, callback);
          else setImmediate(callback, failure('EIO'), 0);
        }) as Disk['read'],
      },
    );
    // The channel's own timers keep no process alive.
    const alive = setInterval(() => {}, 1_000);
    await channel.recover();
    clearInterval(alive);
    assert.ok(faults <= 0);
    assert.equal(drain(channel).length, 2_000);
    assert.ok(settled.every(({ how }) => how === 'delivered'));
  });

  it('loses nothing to a close while it still reads what was left', async () => {
    const first = open().channel;
    for (let number = 0; number < 2_000; number++) put(first, `${number}:${'x'.repeat(500)}`);
    await first.close();
    const found: string[] = [];
    for (let round = 0; round < 20; round++) {
      const { channel } = open();
      const recovering = channel.recover();
      await until(() => channel.queuedEvents > 0);
      const closing = channel.close();
      const batch = channel.take(100, 1e6);
      if (batch !== undefined) found.push(...bodies(batch));
      batch?.commit();
      await Promise.all([recovering, closing]);
    }
    const { channel } = open();
    await channel.recover();
    found.push(...drain(channel));
    assert.equal(new Set(found).size, 2_000);
  });

  it('keeps so much free for others', () => {
    const { bavail, bsize } = fs.statfsSync(dir);
    assert.equal(put(open({ minFreeBytes: bavail * bsize * 2 }).channel, 'a'), false);
    assert.equal(put(open({ minFreeBytes: Math.floor((bavail * bsize) / 2) }).channel, 'a'), true);
  });

  it('drop-oldest gives up a segment at a time', () => {
    const { channel, settled } = open({ maxBytes: 64 * 1024, whenFull: 'drop-oldest' });
    for (let number = 0; number < 1_000; number++) assert.ok(put(channel, `${number}:${'x'.repeat(500)}`));
    assert.ok(channel.diskBytes <= 64 * 1024);
    assert.ok(settled.length > 50 && settled.every(({ how }) => how === 'full'));
    assert.equal(channel.queuedEvents + settled.reduce((sum, { from, to }) => sum + to - from, 0), 1_000);
    assert.ok(drain(channel).at(-1)?.startsWith('999:'));
  });
});

describe('a spool in other hands', () => {
  withFolder();

  const dead = 'w-00000000-00000000-1-0123456789ab';

  function makeDead(files: Readonly<Record<string, string | Buffer>>): void {
    fs.mkdirSync(path.join(dir, dead), { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, dead, name), content);
    fs.utimesSync(path.join(dir, dead), 1, 1);
  }

  const golden = '0000000001-binary-00000001.seg';
  const goldenBytes = fs.readFileSync(path.join(import.meta.dirname, 'golden', golden));

  it('reads a segment that another boot left', async () => {
    makeDead({ [golden]: goldenBytes });
    const { channel } = open();
    await channel.recover();
    assert.equal(channel.recovered, 3);
    drainAny(channel);
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('keeps a segment of a later version, and what is none of ours', async () => {
    const later = Buffer.from(goldenBytes);
    later.writeUInt16BE(2, 8);
    later.writeUInt32BE(crc32Of(later.subarray(0, 28)), 28);
    makeDead({ [golden]: later, 'notes.txt': 'mine' });
    const { channel, warnings } = open();
    await channel.recover();
    assert.equal(channel.recovered, 0);
    const kept = fs.readdirSync(path.join(dir, 'set-aside'), { recursive: true }) as string[];
    assert.ok(kept.some((name) => name.endsWith(golden)) && kept.some((name) => name.endsWith('notes.txt')), `${kept}`);
    await until(() => /format version 2/.test(String(warnings)));
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), ['set-aside']);
  });

  it('follows no links, and adopts nothing that others may write to', async () => {
    const target = path.join(dir, 'target');
    fs.mkdirSync(target, { mode: 0o700 });
    fs.writeFileSync(path.join(target, golden), goldenBytes);
    fs.symlinkSync(target, path.join(dir, dead));
    const open_ = path.join(dir, dead.replace('-1-', '-2-'));
    fs.mkdirSync(open_);
    fs.chmodSync(open_, 0o777);
    fs.writeFileSync(path.join(open_, golden), goldenBytes);
    const linked = path.join(dir, dead.replace('-1-', '-3-'));
    fs.mkdirSync(linked, { mode: 0o700 });
    fs.symlinkSync(
      path.join(target, golden),
      path.join(linked, segmentName({ number: 9, protocol: 'binary', salt: 1 })),
    );
    for (const place of [open_, linked]) fs.utimesSync(place, 1, 1);
    const { channel } = open();
    await channel.recover();
    assert.equal(channel.recovered, 0);
    assert.ok(fs.existsSync(path.join(target, golden)) && fs.existsSync(path.join(open_, golden)));
  });

  it('refuses a folder that anybody may write to', async () => {
    fs.chmodSync(dir, 0o777);
    const { channel, warnings } = open();
    assert.equal(channel.put([], 'x', false), 'disk');
    await until(() => /writable for other users/.test(String(warnings)));
  });

  it('leaves a folder of another machine alone while its owner touches it', async () => {
    makeDead({ [golden]: goldenBytes });
    fs.utimesSync(path.join(dir, dead), new Date(), new Date());
    const { channel } = open();
    await channel.recover();
    assert.equal(channel.recovered, 0);
    assert.ok(fs.existsSync(path.join(dir, dead, golden)));
  });
});

function drainAny(channel: FileChannel): void {
  for (let batch = channel.take(50, 1e6); batch !== undefined; batch = channel.take(50, 1e6)) batch.commit();
}
