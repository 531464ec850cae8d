// The file channel on a disk that is full, ill, or in other hands: no exception, no loss without a count, and it goes on by
// itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 as crc32Of } from 'node:zlib';
import { type Clock, systemClock } from '../../src/clock.ts';
import { type Disk, systemDisk } from '../../src/disk.ts';
import { hostId, kernelId } from '../../src/spool/folder-owner.ts';
import { segmentName } from '../../src/store/segment.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { dir, diskBytes, opened, withFolder } from './channel-folder.ts';
import { bodies, put, type Settled, taken, until } from './channel-model.ts';
import { randomOf } from './damaged-spool.ts';
import { SpoolingChannel, type SpoolingOptions } from './spooling-channel.ts';

interface Opened {
  readonly channel: SpoolingChannel;
  readonly settled: Settled[];
  readonly warnings: string[];
}

type ReadCallback = (error: Error | null, read: number) => void;

function open(
  options: Partial<SpoolingOptions & { type: 'file' }> = {},
  faults: Partial<Disk> = {},
  clock: Clock = systemClock,
): Opened {
  const settled: Settled[] = [];
  const warnings: string[] = [];
  const channel = new SpoolingChannel(
    binaryProtocol,
    [],
    { type: 'file', dir, maxBytes: 2 ** 26, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest', ...options },
    { clock, disk: { ...systemDisk, ...faults } },
    {
      settled: (from, to, how) => settled.push({ from, to, how }),
      arrived: () => {},
      warn: ({ code, message }) => warnings.push(`${code} ${message}`),
    },
  );
  opened.push(channel);
  return { channel, settled, warnings };
}

function drain(channel: SpoolingChannel): string[] {
  const found: string[] = [];
  for (let batch = channel.take(50, 1e6); batch !== undefined; batch = channel.take(50, 1e6)) {
    found.push(...bodies(batch));
    batch.commit();
  }
  return found;
}

/** A look from its beginning, where one was on already. */
async function look(channel: SpoolingChannel): Promise<void> {
  await channel.recover();
  await channel.recover();
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
      const clock = { ...systemClock, now: () => (now += 100) };
      const channel = new SpoolingChannel(
        binaryProtocol,
        [],
        { type: 'file', dir, maxBytes: 2 ** 20, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest' },
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

  /** A disk with one page that cannot be read, in any file of more bytes. */
  const badPage = 300 * 1024;
  const isBad = (position: number, length: number): boolean => position < badPage + 4096 && position + length > badPage;
  const illRead = ((file: number, bytes: Buffer, at: number, length: number, position: number) => {
    if (isBad(position, length)) throw failure('EIO');
    return fs.readSync(file, bytes, at, length, position);
  }) as Disk['readSync'];

  for (const when of ['while it looks for what was left', 'later'] as const) {
    it(`goes round what the disk can no longer read: ${when}`, async () => {
      const first = open().channel;
      const written = Array.from({ length: 2_000 }, (_, number) => `${number}:${'x'.repeat(500)}`);
      for (const body of written) put(first, body);
      await first.close();
      let isIll = when !== 'later';
      let now = 0;
      const clock = {
        ...systemClock,
        now: () => now,
        after: ((delayMs, ...rest) => systemClock.after(delayMs / 100, ...rest)) as typeof systemClock.after,
      };
      const { channel, settled } = open(
        {},
        {
          readSync: ((...args: Parameters<typeof fs.readSync>) =>
            (isIll ? illRead : fs.readSync)(...(args as Parameters<Disk['readSync']>))) as Disk['readSync'],
          read: ((
            file: number,
            bytes: Buffer,
            at: number,
            length: number,
            position: number,
            callback: ReadCallback,
          ) => {
            if (isIll && isBad(position, length)) setImmediate(callback, failure('EIO'), 0);
            else fs.read(file, bytes, at, length, position, callback);
          }) as Disk['read'],
        },
        clock,
      );
      const alive = setInterval(() => {}, 1_000);
      await channel.recover();
      clearInterval(alive);
      isIll = true;
      const found = drain(channel);
      now += 20_000;
      while (channel.queuedEvents > 0) found.push(...drain(channel));
      const lost = settled.reduce((sum, { from, to, how }) => sum + (how === 'damaged' ? to - from : 0), 0);
      assert.ok(lost >= 7 && lost <= 10, `${lost} lost of a page of 4 KiB`);
      assert.deepEqual([found.length, new Set(found).size], [2_000 - lost, 2_000 - lost]);
      assert.ok(found.every((body) => written.includes(body)) && found.at(-1) === written.at(-1));
      await until(() => fs.existsSync(path.join(dir, 'set-aside')));
    });
  }

  it('keeps a folder that cannot be listed now, and a damaged file that cannot be moved', async () => {
    const first = open().channel;
    for (const body of ['a', 'b', 'c']) put(first, body);
    await first.close();
    const [segment = ''] = segments();
    const bytes = fs.readFileSync(path.join(dir, segment));
    bytes[60] = (bytes[60] as number) ^ 1;
    fs.writeFileSync(path.join(dir, segment), bytes);
    let refusals = 2;
    const { channel, warnings } = open(
      {},
      {
        readdirSync: ((place: string) => {
          if (place !== dir && refusals-- > 0) throw failure('EMFILE');
          return fs.readdirSync(place);
        }) as Disk['readdirSync'],
        renameSync: (from, to) => {
          if (String(to).includes('set-aside')) throw failure('ENOSPC');
          fs.renameSync(from, to);
        },
      },
    );
    await channel.recover();
    await until(() => /stays where it is: EMFILE/.test(String(warnings)));
    assert.equal(channel.recovered, 0);
    // With the next look.
    await look(channel);
    assert.deepEqual(drain(channel), ['b', 'c']);
    await until(() => /and stays/.test(String(warnings)));
    assert.deepEqual(fs.readFileSync(path.join(dir, String(segments()[0]))), bytes);
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
    assert.ok(diskBytes() <= 64 * 1024);
    assert.ok(settled.length > 50 && settled.every(({ how }) => how === 'full'));
    assert.equal(channel.queuedEvents + settled.reduce((sum, { from, to }) => sum + to - from, 0), 1_000);
    assert.ok(drain(channel).at(-1)?.startsWith('999:'));
  });
});

describe('a spool in other hands', () => {
  withFolder();

  // Of this boot, and nobody listens there.
  const dead = `w-${kernelId}-${hostId}-1-0123456789ab`;

  function makeDead(files: Readonly<Record<string, string | Buffer>>): void {
    fs.mkdirSync(path.join(dir, dead), { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, dead, name), content);
    fs.utimesSync(path.join(dir, dead), 1, 1);
  }

  const golden = '0000000001-binary-00000001.seg';
  const goldenBytes = fs.readFileSync(path.join(import.meta.dirname, 'golden', golden));

  it('reads a segment that a dead writer left', async () => {
    makeDead({ [golden]: goldenBytes });
    const { channel } = open();
    await channel.recover();
    assert.equal(channel.recovered, 3);
    drainAny(channel);
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('leaves a segment of a later version where it is, for who can read it, and says so once', async () => {
    const later = Buffer.from(goldenBytes);
    later.writeUInt16BE(2, 8);
    later.writeUInt32BE(crc32Of(later.subarray(0, 28)), 28);
    const second = golden.replace('0001-', '0002-');
    makeDead({ [golden]: later, [second]: goldenBytes, 'notes.txt': 'mine' });
    const { channel, warnings } = open();
    await look(channel);
    assert.equal(channel.recovered, 3, 'the other one is read');
    drainAny(channel);
    await until(() => warnings.length > 0);
    await look(channel);
    assert.match(String(warnings), /^FLUME_NOTICE .* stays where it is: it has format version 2, this is 1$/);
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), [dead]);
    assert.deepEqual(fs.readdirSync(path.join(dir, dead)).sort(), [golden, 'notes.txt']);
  });

  it('keeps what is none of ours when the events beside it are delivered', async () => {
    makeDead({ [golden]: goldenBytes, 'notes.txt': 'mine' });
    const { channel } = open();
    await channel.recover();
    drainAny(channel);
    await channel.close();
    assert.deepEqual(fs.readdirSync(dir), ['set-aside']);
    assert.deepEqual(fs.readdirSync(path.join(dir, 'set-aside', dead)), ['notes.txt']);
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

  for (const mode of [0o777, 0o775]) {
    it(`makes a folder of its own in one of mode ${mode.toString(8)}, and finds what was left before it was that`, async () => {
      makeDead({ [golden]: goldenBytes });
      fs.chmodSync(dir, mode);
      const first = open().channel;
      await first.recover();
      assert.equal(first.recovered, 3);
      assert.equal(first.put([], 'x', false), undefined);
      assert.equal(segments().length, 2);
      assert.ok(
        segments().every((name) => name.startsWith(`flume-${process.geteuid?.()}/`)),
        `${segments()}`,
      );
      await first.close();
      const second = open().channel;
      await second.recover();
      assert.equal(second.recovered, 4);
      drainAny(second);
      await second.close();
      assert.deepEqual(fs.readdirSync(dir, { recursive: true }), [`flume-${process.geteuid?.()}`]);
    });
  }

  it('keeps its place in a folder that Kubernetes gave to the group of the pod', async () => {
    const first = open().channel;
    put(first, 'x');
    await first.close();
    // What fsGroup does to a volume when it is mounted again.
    for (const name of ['.', ...(fs.readdirSync(dir, { recursive: true }) as string[])]) {
      const place = path.join(dir, name);
      fs.chmodSync(place, fs.statSync(place).isDirectory() ? 0o2770 : 0o660);
    }
    const { channel } = open();
    await channel.recover();
    assert.deepEqual(drain(channel), ['x']);
    assert.equal(put(channel, 'y'), true);
    assert.ok(!fs.readdirSync(dir).some((name) => name.startsWith('flume-')));
  });

  it('does not use a folder of its own that somebody else has made', async () => {
    fs.chmodSync(dir, 0o777);
    fs.symlinkSync(tmpdir(), path.join(dir, `flume-${process.geteuid?.()}`));
    const { channel, warnings } = open();
    assert.equal(channel.put([], 'x', false), 'disk');
    await until(() => /is no folder/.test(String(warnings)));
  });

  const folderOf = (boot: string, host: string): string => `w-${boot}-${host}-1-0123456789ab`;

  for (const [whose, host] of [
    ['another machine', 'ffffffff'],
    ['a machine of the same name', hostId],
  ] as const) {
    it(`adopts what ${whose} left when that has been silent for long, by the clock and by watching`, async () => {
      const folder = path.join(dir, folderOf('ffffffff', host));
      fs.mkdirSync(folder, { mode: 0o700 });
      fs.writeFileSync(path.join(folder, golden), goldenBytes);
      let now = 0;
      const { channel } = open({}, {}, { ...systemClock, now: () => now });
      const looks = async (ageMs: number, afterMs: number): Promise<number> => {
        const touched = (Date.now() - ageMs) / 1_000;
        fs.utimesSync(folder, touched, touched);
        await look(channel);
        now += afterMs;
        await look(channel);
        return channel.recovered;
      };
      assert.equal(await looks(200_000, 60_000), 0, 'silent for 3 minutes');
      assert.equal(await looks(400_000, 20_000), 0, 'watched for 20 seconds: its clock may be behind');
      assert.equal(await looks(410_000, 20_000), 0, 'touched meanwhile');
      now += 20_000;
      await look(channel);
      assert.equal(channel.recovered, 3);
    });
  }

  it('goes by touches where the file system has no sockets', async () => {
    const noSockets: Partial<Disk> = {
      mkdirSync: ((place: string, options: fs.MakeDirectoryOptions) => {
        fs.mkdirSync(place, options);
        // So that none can be made there.
        if (path.basename(place).startsWith('n-')) fs.writeFileSync(path.join(place, 'lock'), '');
      }) as Disk['mkdirSync'],
    };
    const first = open({}, noSockets).channel;
    put(first, 'a');
    const [own = ''] = fs.readdirSync(dir);
    assert.match(own, /^w-00000000-/);
    let now = 0;
    const second = open({}, {}, { ...systemClock, now: () => now }).channel;
    await second.recover();
    assert.equal(second.recovered, 0);
    // However old the touch is by a clock: it has to be watched.
    fs.utimesSync(path.join(dir, own), 1, 1);
    await look(second);
    now += 29_000;
    fs.utimesSync(path.join(dir, own), 2, 2);
    await look(second);
    now += 29_000;
    await look(second);
    assert.equal(second.recovered, 0);
    first.leave();
    now += 2_000;
    await look(second);
    assert.deepEqual(drain(second), ['a']);
  });

  it('puts nothing aside through a link', async () => {
    const elsewhere = fs.mkdtempSync(path.join(tmpdir(), 'flume-elsewhere-'));
    fs.symlinkSync(elsewhere, path.join(dir, 'set-aside'));
    const damaged = Buffer.from(goldenBytes);
    damaged[60] = (damaged[60] as number) ^ 1;
    makeDead({ [golden]: damaged });
    const { channel } = open();
    await channel.recover();
    drainAny(channel);
    assert.equal(segments().length, 1);
    assert.deepEqual(fs.readdirSync(elsewhere), []);
    fs.rmdirSync(elsewhere);
  });
});

function drainAny(channel: SpoolingChannel): void {
  for (let batch = channel.take(50, 1e6); batch !== undefined; batch = channel.take(50, 1e6)) batch.commit();
}
