// Puts events where they outlive the process, one by one or in transactions of 100, then takes them out again in batches of
// 100 until nothing is left: our channels, and embedded stores with the same bytes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openChannel } from '../../.cache/modules/core/channel/open-channel.js';
import { systemClock } from '../../.cache/modules/core/clock.js';
import { headerList } from '../../.cache/modules/core/event/flume-event.js';
import { protocolNamed } from '../../.cache/modules/core/thrift/protocols.js';
import { eventPool, nextTurn, report, settings } from './meter.mjs';

const { how, fsync, events: count, transaction = 100, warmUp = 20_000 } = settings;
const burst = 100;
const pool = eventPool().map(({ headers, body }) => ({ headers: headerList(headers), body }));
const protocol = protocolNamed('compact');
const noHeaders = protocol.fixHeaders([]);
const dir = mkdtempSync(path.join(tmpdir(), 'flume-bench-'));
const syncs = fsync === 'always';

function encoded(index) {
  const { headers, body } = pool[index % pool.length];
  const bytes = Buffer.allocUnsafe(protocol.eventSize(noHeaders, headers, body));
  protocol.writeEvent(bytes, 0, noHeaders, headers, body);
  return bytes;
}

const open = (options) =>
  openChannel(
    protocol,
    [],
    { ...options, whenFull: 'drop-newest' },
    { clock: systemClock },
    { settled: () => {}, arrived: () => {}, warn: ({ message }) => console.error(message) },
  );

/** A channel as the agent uses it. */
const viaChannel = (channel, sync) => ({
  async put(from, to) {
    for (let index = from; index < to; index += 1) {
      const { headers, body } = pool[index % pool.length];
      if (channel.put(headers, body, false) !== undefined) throw new Error('refused');
    }
    if (syncs) await sync();
  },
  async take() {
    const batch = channel.take(burst, 1024 * 1024);
    batch?.commit();
    return batch?.count ?? 0;
  },
});

const stores = {
  memory: async () => viaChannel(open({ type: 'memory', capacity: 1e7, byteCapacity: 1e10 }).channel),

  file: async () => {
    const { channel, file } = open({ type: 'file', dir, maxBytes: 1e10, minFreeBytes: 64 * 1024 * 1024, fsync });
    return viaChannel(channel, () => file.sync());
  },

  async lmdb() {
    const { open } = await import('lmdb');
    const db = open({ path: path.join(dir, 'events'), encoding: 'binary', keyEncoding: 'uint32', noSync: !syncs });
    return {
      put: async (from, to) =>
        db.transactionSync(() => {
          for (let index = from; index < to; index += 1) db.putSync(index, encoded(index));
        }),
      take: async () =>
        db.transactionSync(() => {
          const found = [...db.getRange({ limit: burst })];
          for (const { key } of found) db.removeSync(key);
          return found.length;
        }),
    };
  },

  async 'classic-level'() {
    const { ClassicLevel } = await import('classic-level');
    const db = new ClassicLevel(path.join(dir, 'events'), { keyEncoding: 'buffer', valueEncoding: 'buffer' });
    await db.open();
    const keyOf = (index) => {
      const key = Buffer.alloc(4);
      key.writeUInt32BE(index);
      return key;
    };
    let next = 0;
    return {
      put: (from, to) =>
        db.batch(
          Array.from({ length: to - from }, (_, at) => ({
            type: 'put',
            key: keyOf(from + at),
            value: encoded(from + at),
          })),
          { sync: syncs },
        ),
      async take() {
        // From behind the last one: what was deleted before it is slow to pass.
        const found = await db.iterator({ limit: burst, gte: keyOf(next) }).all();
        await db.batch(found.map(([key]) => ({ type: 'del', key })));
        if (found.length > 0) next = found.at(-1)[0].readUInt32BE() + 1;
        return found.length;
      },
    };
  },

  async 'node:sqlite'() {
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(path.join(dir, 'events'));
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${syncs ? 'FULL' : 'OFF'}`);
    db.exec('CREATE TABLE events (id INTEGER PRIMARY KEY, bytes BLOB)');
    const insert = db.prepare('INSERT INTO events VALUES (?, ?)');
    const first = db.prepare('SELECT id, bytes FROM events ORDER BY id LIMIT ?');
    const remove = db.prepare('DELETE FROM events WHERE id <= ?');
    return {
      async put(from, to) {
        db.exec('BEGIN');
        for (let index = from; index < to; index += 1) insert.run(index, encoded(index));
        db.exec('COMMIT');
      },
      async take() {
        const found = first.all(burst);
        if (found.length > 0) remove.run(found.at(-1).id);
        return found.length;
      },
    };
  },
};

const { put, take } = await stores[how]();
async function fill(from, to) {
  for (let at = from; at < to; at += transaction) {
    await put(at, at + transaction);
    // As after any burst: timers and what the disk has answered have their turn.
    if (at % (10 * burst) === 0) await nextTurn();
  }
}
async function drain() {
  let taken = 0;
  for (let found = await take(); found > 0; found = await take()) {
    taken += found;
    if (taken % (10 * burst) === 0) await nextTurn();
  }
  return taken;
}

await fill(0, warmUp);
await drain();
const cpu = process.cpuUsage();
const start = performance.now();
await fill(warmUp, warmUp + count);
const putMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
const taken = await drain();
const drainMs = performance.now() - start - putMs;
if (taken !== count) throw new Error(`${taken} of ${count} came back`);
report({ events: count, putMs, putCpuMs: (user + system) / 1_000, drainMs });
rmSync(dir, { recursive: true, force: true });
process.exit();
