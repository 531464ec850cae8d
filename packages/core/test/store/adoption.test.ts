// What dead writers left is taken over as there is room for it, by as many living ones as there are, and never destroyed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../../src/clock.ts';
import { type Disk, systemDisk } from '../../src/disk.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { dir, opened, withFolder } from '../channel/channel-folder.ts';
import { bodies, put, type Settled, until } from '../channel/channel-model.ts';
import type { SpoolingOptions } from '../channel/spooling-channel.ts';
import { SpoolingChannel } from '../channel/spooling-channel.ts';

interface Opened {
  readonly channel: SpoolingChannel;
  readonly settled: Settled[];
  readonly warnings: string[];
}

// Nothing is looked for unless a test asks.
const still: Clock = { ...systemClock, after: () => ({ cancel: () => {} }) };
const small = 64 * 1024;

function open(options: Partial<SpoolingOptions & { type: 'file' }> = {}, faults: Partial<Disk> = {}): Opened {
  const settled: Settled[] = [];
  const warnings: string[] = [];
  const channel = new SpoolingChannel(
    binaryProtocol,
    [],
    { type: 'file', dir, maxBytes: small, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest', ...options },
    { clock: still, disk: { ...systemDisk, ...faults } },
    {
      settled: (from, to, how) => settled.push({ from, to, how }),
      arrived: () => {},
      warn: ({ code, message }) => warnings.push(`${code} ${message}`),
    },
  );
  opened.push(channel);
  return { channel, settled, warnings };
}

/** Folders of dead writers, each with so many events of a kilobyte. */
function leaveBehind(writers: number, events: number, options: Partial<SpoolingOptions & { type: 'file' }> = {}): void {
  const written = Array.from({ length: writers }, () => open(options).channel);
  for (const [writer, channel] of written.entries()) {
    for (let number = 0; number < events; number++) put(channel, `${writer}:${number}:`.padEnd(1_000, 'x'));
  }
  for (const channel of written) channel.leave();
}

const segments = (): string[] =>
  (fs.readdirSync(dir, { recursive: true }) as string[]).filter((name) => name.endsWith('.seg'));

/** Delivers what there is, and what comes when there is room again. */
async function drain(channel: SpoolingChannel): Promise<string[]> {
  const found: string[] = [];
  for (let before = -1; before < channel.recovered || channel.queuedEvents > 0; await channel.recover()) {
    before = channel.recovered;
    for (let batch = channel.take(50, 1e6); batch !== undefined; batch = channel.take(50, 1e6)) {
      found.push(...bodies(batch));
      batch.commit();
    }
  }
  return found;
}

describe('adoption', () => {
  withFolder();

  for (const whenFull of ['drop-newest', 'drop-oldest'] as const) {
    it(`stops where half of maxBytes is used, and leaves the rest where it is, ${whenFull}`, async () => {
      leaveBehind(6, 40);
      const { channel, settled } = open({ whenFull });
      await channel.recover();
      const { recovered, queuedBytes } = channel;
      assert.ok(recovered > 10 && queuedBytes <= small / 2, `${recovered} events, ${queuedBytes} bytes`);
      for (let number = 0; number < 20; number++) assert.ok(put(channel, 'new'.padEnd(1_000)));
      assert.deepEqual(settled, [], 'nothing gives way to what is new');
      const found = await drain(channel);
      assert.equal(new Set(found).size, 240 + 1);
      assert.equal(found.length, 240 + 20);
      await channel.close();
      assert.deepEqual(fs.readdirSync(dir), []);
    });
  }

  it('takes a segment that is larger than all of maxBytes when there is nothing else', async () => {
    leaveBehind(2, 200, { maxBytes: 2 ** 26 });
    const { channel } = open();
    await channel.recover();
    assert.equal(channel.recovered, 200, 'one of the two');
    assert.equal(new Set(await drain(channel)).size, 400);
  });

  it('gives each segment to one of several, with its acknowledgements', async () => {
    const first = open().channel;
    for (let number = 0; number < 40; number++) put(first, `${number}:`.padEnd(1_000, 'x'));
    const settled: string[] = [];
    for (let batch = first.take(1, 1e6), at = 0; batch !== undefined && at < 40; batch = first.take(1, 1e6), at++) {
      if (at % 2 === 1) continue;
      settled.push(...bodies(batch));
      batch.commit();
    }
    first.leave();
    const others = Array.from({ length: 8 }, () => open({ maxBytes: 2 ** 20 }).channel);
    await Promise.all(others.map((channel) => channel.recover()));
    const found = (await Promise.all(others.map((channel) => drain(channel)))).flat();
    assert.equal(found.length, 20);
    assert.deepEqual([...found, ...settled].sort(), [...new Set([...found, ...settled])].sort());
  });

  it('reads what a writer left that was killed while it adopted: with acknowledgements at either place', async () => {
    leaveBehind(1, 10);
    const [segment = ''] = segments();
    const { channel } = open(
      {},
      {
        renameSync: (from, to) => {
          if (String(from).endsWith('.ack')) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
          fs.renameSync(from, to);
        },
      },
    );
    fs.writeFileSync(path.join(dir, segment.replace('.seg', '.ack')), '', { mode: 0o600 });
    await channel.recover();
    assert.equal(channel.recovered, 10);
  });

  it('waits for descriptors, however long that takes, and claims nothing meanwhile', async () => {
    leaveBehind(1, 10);
    const before = segments();
    let isShort = true;
    const { channel, warnings } = open(
      {},
      {
        openSync: ((place: string, ...rest: [number, number]) => {
          if (isShort && place.endsWith('.seg')) throw Object.assign(new Error('EMFILE: too many'), { code: 'EMFILE' });
          return fs.openSync(place, ...rest);
        }) as Disk['openSync'],
      },
    );
    for (let look = 0; look < 20; look++) await channel.recover();
    assert.deepEqual(segments(), before);
    await until(() => warnings.length > 0);
    assert.equal(warnings.length, 1, 'told once');
    isShort = false;
    assert.equal((await drain(channel)).length, 10);
  });

  it('takes nothing from a writer that lives, whatever its clock is', async () => {
    const living = open().channel;
    for (let number = 0; number < 30; number++) put(living, `${number}:`.padEnd(1_000, 'x'));
    const [folder = ''] = fs.readdirSync(dir);
    fs.utimesSync(path.join(dir, folder), 1, 1);
    const { channel } = open();
    await channel.recover();
    assert.equal(channel.recovered, 0);
  });
});
