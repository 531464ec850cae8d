// A process that ends at once, by process.exit(), an exception or a rejection: what memory still has is delivered.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { EmbeddedAgent } from '../../packages/core/src/index.ts';
import type { Stats } from '../../packages/core/src/stats.ts';
import { authority, certificate } from '../../packages/core/test/certificates.ts';
import { leakCheck } from '../../packages/core/test/leak-check.ts';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';

const program = path.join(import.meta.dirname, 'programs/end.mjs');
const count = 1_000;
// More make a proof of it: COUNT=100 npm run exit-endurance.
const times = Number(process.env.COUNT ?? 1);

interface Ended {
  readonly code: number | null;
  readonly stats: Stats;
  /** Events that the function deadLetter was given. */
  readonly dead: number;
  readonly stderr: string;
  /** Of the whole process. */
  readonly ms: number;
}

interface Settings {
  readonly way: string;
  readonly end: string;
  readonly options: object;
  readonly deadLetter?: boolean;
  readonly count?: number;
  /** The first loss makes a listener put another event. */
  readonly again?: boolean;
}

async function run(settings: Settings, flags: string[] = []): Promise<Ended> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...flags, program, JSON.stringify({ count, ...settings })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  const last = stdout.trim().split('\n').at(-1) ?? '';
  assert.match(last, /^\{/, stderr);
  const { stats, dead } = JSON.parse(last) as Pick<Ended, 'stats' | 'dead'>;
  return { code, stats, dead, stderr, ms: performance.now() - startedMs };
}

/** Takes connections and says nothing. */
async function startMute(): Promise<{ readonly address: string } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Stands before the source, so that a round trip takes so long. */
async function startFar(port: number, roundTripMs: number): Promise<{ readonly address: string } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => setTimeout(() => to.write(chunk), roundTripMs / 2));
      from.on('error', () => {}).on('close', () => setTimeout(() => to.destroy(), roundTripMs / 2));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Every number has arrived; what was in flight may be there twice. */
function assertAll(source: DevAgent): void {
  const numbers = new Set(source.events.map(({ body }) => Number(body)));
  assert.equal(numbers.size, count);
}

function assertBooks({ stats }: Ended, lost = 0): void {
  const { accepted, delivered, dropped, queued } = stats;
  assert.deepEqual([accepted, delivered, queued.events], [count, count - lost, lost]);
  assert.ok(Object.values(dropped).every((one) => one === 0));
}

const expected: Readonly<Record<string, number>> = { exception: 1, rejection: 1, monitor: 1, await: 13 };
const codeOf = (end: string): number => expected[end.split(' ')[0] as string] ?? (end.includes('exit') ? 3 : 0);

describe('a process that ends at once', { timeout: 600_000 }, () => {
  leakCheck();
  const ends = [
    'exit',
    'exit later',
    'exception',
    'exception later',
    'rejection',
    'monitor',
    'await',
    'exit listener behind',
    'exit listener alone',
    'beforeExit listener',
  ];
  for (const way of ['agent', 'winston', 'pino']) {
    for (const end of ends) {
      it(`${way}, ${end}: everything arrives, and the books say so`, async () => {
        for (let time = 0; time < times; time++) {
          await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
          const ended = await run({ way, end, options: { agents: `127.0.0.1:${source.port}` } });
          assertAll(source);
          assertBooks(ended);
          assert.doesNotMatch(ended.stderr, /not delivered/);
          const code = end === 'exit listener alone' || end === 'beforeExit listener' ? 0 : codeOf(end);
          assert.equal(ended.code, code, ended.stderr);
        }
      });
    }
  }

  it('a first agent that refuses or is mute costs nothing', async () => {
    await using mute = await startMute();
    for (const first of ['127.0.0.1:1', mute.address]) {
      await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
      const agents = [first, `127.0.0.1:${source.port}`];
      const ended = await run({ way: 'agent', end: 'exit', options: { agents } });
      assertAll(source);
      assertBooks(ended);
    }
  });

  it('TLS', async () => {
    const ca = await authority('authority');
    const tls = await certificate('localhost', { by: ca, names: ['localhost'] });
    await using source = await startDevAgent({ port: 0, tls, keepEvents: Infinity });
    const options = { agents: `localhost:${source.port}`, tls: { ca: ca.cert } };
    assertBooks(await run({ way: 'winston', end: 'exit', options }));
    assertAll(source);
  });

  describe('a spillable channel whose disk takes nothing, or not all', () => {
    let dir = '';
    beforeEach(() => {
      dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-exit-'));
    });
    afterEach(() => fs.rmSync(dir, { recursive: true }));
    const spillable = { type: 'spillable', minFreeBytes: 0 };

    for (const end of ['exit', 'exception', 'exit listener behind', 'exit listener alone']) {
      it(`an ill disk, ${end}: everything arrives from memory`, async () => {
        await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
        const file = path.join(dir, 'no folder');
        fs.writeFileSync(file, '');
        const options = { agents: `127.0.0.1:${source.port}`, channel: { ...spillable, dir: path.join(file, 'dir') } };
        const ended = await run({ way: 'agent', end, options });
        assertAll(source);
        assertBooks(ended);
        assert.doesNotMatch(ended.stderr, /not delivered/);
      });
    }

    it('a small bound: what has no room there is delivered, the rest waits for the next one', async () => {
      const many = 20_000;
      await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
      const agents = `127.0.0.1:${source.port}`;
      const channel = { ...spillable, dir, maxBytes: 65_536, capacity: many };
      const { stats, stderr } = await run({ way: 'agent', end: 'exit', options: { agents, channel }, count: many });
      const { accepted, delivered, queued, spooled } = stats;
      assert.deepEqual([accepted, delivered + spooled, queued.events, stderr], [many, many, 0, '']);
      assert.ok(delivered > 0 && spooled > 0, `${delivered} delivered, ${spooled} on disk`);
      assert.equal(source.received, delivered);
      const next = new EmbeddedAgent({ agents, channel: { type: 'file', dir, minFreeBytes: 0, maxBytes: 1e9 } });
      assert.deepEqual(await next.close(), { delivered: spooled, dropped: 0, queued: 0, spooled: 0 });
      const numbers = new Set(source.events.map(({ body }) => Number(body)));
      assert.deepEqual([source.received, numbers.size], [many, many]);
    });

    it('no agent either: one line says what is lost, and what is wrong with both', async () => {
      const channel = { ...spillable, dir: path.join(process.execPath, 'dir') };
      const options = { agents: '127.0.0.1:1', exitTimeoutMs: 300, channel };
      const ended = await run({ way: 'agent', end: 'exit', options });
      assertBooks(ended, count);
      assert.match(
        ended.stderr,
        /^flume: 1000 events were not delivered: .*ECONNREFUSED.*; channel\.dir .*ENOTDIR.*$/m,
      );
    });
  });

  it('an agent that is 30 ms away', async () => {
    await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
    await using far = await startFar(source.port as number, 30);
    assertBooks(await run({ way: 'agent', end: 'exit', options: { agents: far.address } }));
    assertAll(source);
  });

  it('a preload, and options of Node, are not started again', async () => {
    await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
    const preload = `data:text/javascript,process.stderr.write('preloaded\\n')`;
    const ended = await run({ way: 'agent', end: 'exit', options: { agents: `127.0.0.1:${source.port}` } }, [
      '--import',
      preload,
    ]);
    assertBooks(ended);
    assert.equal(ended.stderr, 'preloaded\n');
  });

  it('what is given up is counted, and goes to the function deadLetter', async () => {
    await using source = await startDevAgent({ port: 0, script: ['ok', { repeat: Infinity, step: 'failed' }] });
    const options = { agents: `127.0.0.1:${source.port}`, retry: { maxAttempts: 1 }, batchSize: 100 };
    const { stats, dead } = await run({ way: 'agent', end: 'exit', options, deadLetter: true });
    const { accepted, delivered, dropped, queued } = stats;
    assert.deepEqual([accepted, delivered], [count, 0]);
    assert.ok(dropped.attempts > 0);
    assert.equal(dropped.attempts + queued.events, count);
    assert.equal(dead, dropped.attempts);
  });

  it('what a listener of a loss puts is delivered as well', async () => {
    await using source = await startDevAgent({ port: 0, script: ['ok', 'failed', { repeat: Infinity, step: 'ok' }] });
    const options = { agents: `127.0.0.1:${source.port}`, retry: { maxAttempts: 1 } };
    const { stats, stderr } = await run({ way: 'agent', end: 'exit', options, count: 1, again: true });
    const { accepted, delivered, dropped } = stats;
    assert.deepEqual([accepted, delivered, dropped.attempts, stderr], [2, 1, 1, '']);
  });

  it('no agent: waits no longer than exitTimeoutMs, and says what is lost', async () => {
    await using mute = await startMute();
    const options = { agents: mute.address, exitTimeoutMs: 300 };
    const ended = await run({ way: 'agent', end: 'exit', options });
    assertBooks(ended, count);
    assert.match(ended.stderr, /^flume: 1000 events were not delivered: Flume agent .*: no answer yet$/m);
  });

  it('an agent that is known to fail is not waited for', async () => {
    const options = { agents: '127.0.0.1:1', exitTimeoutMs: 20_000, retry: { initialDelayMs: 10_000 } };
    const ended = await run({ way: 'agent', end: 'exit later', options });
    assertBooks(ended, count);
    assert.match(ended.stderr, /^flume: 1000 events were not delivered: .*ECONNREFUSED/m);
    assert.ok(ended.ms < 10_000, `${ended.ms} ms`);
  });

  it('exitTimeoutMs: 0 is as if there was no such thing', async () => {
    await using source = await startDevAgent({ port: 0 });
    const options = { agents: `127.0.0.1:${source.port}`, exitTimeoutMs: 0 };
    assertBooks(await run({ way: 'agent', end: 'exit', options }), count);
    assert.equal(source.received, 0);
  });

  it('without the right to start a worker: one line says what is lost', async () => {
    await using source = await startDevAgent({ port: 0 });
    const permission = Number(process.versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission';
    const flags = [permission, '--allow-fs-read=*', '--no-warnings', '--allow-net'].filter(
      (flag) => flag !== '--allow-net' || process.allowedNodeEnvironmentFlags.has(flag),
    );
    const ended = await run({ way: 'agent', end: 'exit', options: { agents: `127.0.0.1:${source.port}` } }, flags);
    assertBooks(ended, count);
    assert.match(
      ended.stderr,
      /^flume: 1000 events were not delivered: no worker thread can be had: .*(permission|restricted)/im,
    );
  });

  it('nothing queued: no worker', async () => {
    await using source = await startDevAgent({ port: 0 });
    const { stats } = await run({ way: 'agent', end: 'nothing', options: { agents: `127.0.0.1:${source.port}` } });
    assert.deepEqual([stats.accepted, source.connectionsTotal], [0, 0]);
  });
});
