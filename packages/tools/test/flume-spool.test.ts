// flume-spool, as it is called: on folders of the file channel whose writers are dead, alive, or damaged.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../core/src/clock.ts';
import type { HeaderList } from '../../core/src/event/flume-event.ts';
import { compactProtocol } from '../../core/src/thrift/compact-protocol.ts';
import { taken } from '../../core/test/channel/channel-model.ts';
import { SpoolingChannel } from '../../core/test/channel/spooling-channel.ts';
import { startDevAgent } from '../../dev-agent/src/index.ts';
import { type Outcome, type Running, startProgram } from './child.ts';

const command = path.join(import.meta.dirname, '../dist/flume-spool.cjs');

let dir = '';
const opened: SpoolingChannel[] = [];

/** A writer that adopts nothing after it was opened. */
function openWriter(): SpoolingChannel {
  const channel = new SpoolingChannel(
    compactProtocol,
    [],
    { type: 'file', dir, maxBytes: 2 ** 26, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest' },
    { clock: { ...systemClock, after: () => ({ cancel: () => {} }) } },
    { settled: () => {}, arrived: () => {}, warn: () => {} },
  );
  opened.push(channel);
  return channel;
}

/** A folder in which ten of so many events are settled, and whose writer is gone. */
function leaveBehind(count: number, headers: HeaderList = []): void {
  const channel = openWriter();
  for (let number = 0; number < count; number++) channel.put(headers, `event ${number}`, false);
  taken(channel.take(10, 1e6)).commit();
  channel.leave();
}

const start = (...args: string[]): Running => startProgram(process.execPath, [command, ...args]);
const run = (...args: string[]): Promise<Outcome> => start(...args).outcome;

const segment = (): string => {
  const names = fs.readdirSync(dir, { recursive: true }) as string[];
  return path.join(dir, names.find((name) => name.endsWith('.seg')) ?? assert.fail());
};

describe('flume-spool', { timeout: 120_000 }, () => {
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-spool-'));
  });
  afterEach(async () => {
    for (const channel of opened.splice(0)) await channel.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  it('lists folders, and their segments', async () => {
    const living = openWriter();
    for (let number = 0; number < 20; number++) living.put([], 'x', false);
    leaveBehind(1_500);
    const { code, stdout, stderr } = await run('list', dir, '--segments');
    assert.deepEqual([code, stderr], [0, '']);
    const rows = stdout.split('\n');
    assert.match(rows[0] ?? '', /^folder +writer +segments +protocol +waiting +settled +bytes +age$/);
    const pid = process.pid;
    assert.equal(rows.filter((row) => row.includes(`${pid} alive`)).length, 1, stdout);
    assert.ok(
      rows.some((row) => /^w-\S+ +\d+ dead +1 +compact +1,490 +10 +\d+\.\d KiB +\d s$/.test(row)),
      stdout,
    );
    assert.ok(
      rows.some((row) => /^ {2}0000000001-compact-\w+\.seg +compact +20 +0 /.test(row)),
      stdout,
    );
    assert.match(stdout, /\n2 folders, 1,510 events wait, \d+\.\d KiB\n$/);
  });

  it('lists for programs', async () => {
    leaveBehind(1_500);
    const { code, stdout } = await run('list', dir, '--json');
    assert.equal(code, 0);
    const { folders, waiting, bytes, setAside } = JSON.parse(stdout);
    assert.deepEqual([folders.length, waiting, setAside], [1, 1_490, { files: 0, bytes: 0 }]);
    const [{ state, settled, segments }] = folders;
    assert.deepEqual([state, settled, segments.length], ['dead', 10, 1]);
    assert.deepEqual([segments[0].protocol, segments[0].waiting], ['compact', 1_490]);
    assert.ok(bytes > 1_490 && segments[0].createdMs <= Date.now());
  });

  it('verifies: damage has a place and status 1', async () => {
    leaveBehind(1_000);
    const good = await run('verify', dir);
    assert.deepEqual([good.code, good.stderr], [0, '']);
    assert.match(good.stdout, /^1 segment, 1,000 events, \d+\.\d KiB: no damage\n$/);

    const file = segment();
    const bytes = fs.readFileSync(file);
    bytes[500] = (bytes[500] as number) ^ 1;
    fs.writeFileSync(file, Buffer.concat([bytes, bytes.subarray(32, 40)]));
    const before = fs.readFileSync(file);
    const bad = await run('verify', dir);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /\.seg: byte \d+: \d+ bytes of no record, 1 event lost\n/);
    assert.match(bad.stdout, /\.seg: byte \d+: the last 8 bytes are of a record that was not written to its end\n/);
    assert.match(bad.stdout, /\n1 segment, 999 events, .*: 1 damaged, 1 event lost\n$/);
    assert.deepEqual(fs.readFileSync(file), before);
    const told = await run('verify', dir, '--json');
    const { events, damaged, lost, findings } = JSON.parse(told.stdout);
    assert.deepEqual([told.code, events, damaged, lost], [1, 999, 1, 1]);
    assert.deepEqual(
      findings.map(({ damage }: { damage: boolean }) => damage),
      [true, false],
    );
  });

  it('exports what waits as lines of JSON, and ends when nobody reads on', async () => {
    leaveBehind(30_000, ['app', 'größe']);
    const { code, stdout, stderr } = await run('export', dir);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 29_990);
    assert.deepEqual(JSON.parse(lines[0] ?? ''), { headers: { app: 'größe' }, body: 'event 10' });
    assert.equal((await run('list', dir)).stdout.includes('29,990 events wait'), true);

    const { child, outcome } = start('export', dir);
    child.stdout?.once('data', () => child.stdout?.destroy());
    assert.deepEqual(await outcome.then(({ code: status, stderr: text }) => [status, text]), [0, '']);
  });

  it('replays to an agent what the dead left, and only that', async () => {
    const living = openWriter();
    living.put([], 'mine', false);
    leaveBehind(5_010);
    const source = await startDevAgent({ port: 0, keepEvents: Infinity });
    const { code, stderr, stdout } = await run('replay', dir, '--agent', `127.0.0.1:${source.port}`);
    assert.equal(stdout, '');
    assert.match(stderr, /^flume-spool: w-\S+: its writer is alive \(process \d+\) and delivers it\n/);
    assert.match(stderr, /\nflume-spool: 5,000 events delivered, 0 events given up\n$/);
    assert.equal(code, 0);
    assert.deepEqual(
      source.events.map(({ body }) => `${body}`),
      Array.from({ length: 5_000 }, (_, index) => `event ${index + 10}`),
    );
    assert.equal((await run('replay', dir)).stderr.endsWith('no dead writer has left anything\n'), true);
    await source.close();
    await living.close();
  });

  it('gives up a replay that gets nowhere, and loses nothing', async () => {
    leaveBehind(110);
    const refused = await run('replay', dir, '--agent', '127.0.0.1:1', '--give-up-ms', '300');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /ECONNREFUSED/);
    assert.match(refused.stderr, /0 events delivered, 0 events given up, and what is left waits for the next\n$/);
    assert.match((await run('list', dir)).stdout, /\n1 folder, 100 events wait/);
  });

  it('purges after a yes only, and never what lives', async () => {
    const living = openWriter();
    living.put([], 'mine', false);
    leaveBehind(110);
    fs.mkdirSync(path.join(dir, 'set-aside'), { mode: 0o700 });
    fs.writeFileSync(path.join(dir, 'set-aside/old'), 'x');
    const asked = await run('purge', dir);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /its writer is alive \(process \d+\), so it stays\n/);
    assert.match(asked.stderr, /expected --yes .* Delete 1 folder with 100 events .* and 1 file in set-aside, /);
    assert.equal(fs.readdirSync(dir).length, 3);
    const done = await run('purge', dir, '--yes');
    assert.equal(done.code, 0);
    assert.match(done.stderr, /w-\S+: deleted\n/);
    assert.equal(fs.readdirSync(dir).length, 1);
    assert.equal(living.queuedEvents, 1);
    assert.match((await run('list', dir)).stdout, /\n1 folder, 1 event waits/);
  });

  it('purges nothing that it did not make, and names what an earlier purge left', async () => {
    leaveBehind(110);
    const [folder = ''] = fs.readdirSync(dir);
    fs.renameSync(path.join(dir, folder), path.join(dir, `purged-${folder}`));
    fs.mkdirSync(path.join(dir, 'purged-anything/of/mine'), { recursive: true });
    fs.symlinkSync(path.join(dir, 'purged-anything'), path.join(dir, 'purged-set-aside'));
    const asked = await run('purge', dir);
    assert.match(asked.stderr, /Delete 0 folders .* and 1 folder that an earlier purge did not finish, /);
    assert.equal((await run('purge', dir, '--yes')).code, 0);
    assert.deepEqual(fs.readdirSync(dir).sort(), ['purged-anything', 'purged-set-aside']);
    assert.match((await run('purge', dir, '--yes')).stderr, /nothing to delete/);
  });

  it('reads no folder behind a link', async () => {
    leaveBehind(20);
    const [folder = ''] = fs.readdirSync(dir);
    const elsewhere = fs.mkdtempSync(path.join(tmpdir(), 'flume-elsewhere-'));
    fs.renameSync(path.join(dir, folder), path.join(elsewhere, folder));
    fs.symlinkSync(path.join(elsewhere, folder), path.join(dir, folder));
    const { stdout } = await run('export', dir);
    assert.equal(stdout, '');
    assert.match((await run('verify', dir)).stdout, /0 segments, 0 events/);
    fs.rmSync(elsewhere, { recursive: true });
  });

  it('lets no file name speak to the terminal', async () => {
    leaveBehind(20);
    const [folder = ''] = fs.readdirSync(dir);
    fs.writeFileSync(path.join(dir, folder, 'x\u001b]0;owned\u0007\u009b2J\n'), '');
    const { stdout } = await run('verify', dir);
    assert.match(stdout, /: x\\x1b\]0;owned\\x07\\x9b2J\\x0a is none of a writer's files\n/);
    const { stderr } = await run('list', `${dir}/\u001b[31mnone`);
    assert.match(stderr, /\\x1b\[31mnone: expected the folder of a file channel/);
  });

  it('says in one line what is wrong, with status 2', async () => {
    for (const [args, line] of [
      [[], "expected list, verify, export, replay, purge, got '' "],
      [['destroy', dir], "expected list, verify, export, replay, purge, got 'destroy' "],
      [['list'], 'list: expected one folder '],
      [['list', `${dir}/none`], `${dir}/none: expected the folder of a file channel: ENOENT`],
      [['replay', dir, '--batch-size', '0'], '--batch-size: expected an integer >= 1, got 0 '],
    ] as const) {
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.startsWith(`flume-spool: ${line}`) && stderr.split('\n').length === 2, stderr);
    }
    assert.match((await run('--help')).stdout, /flume-spool replay \/var\/spool\/checkout --agent flume-1:4141/);
  });
});
