import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, mock } from 'node:test';
import { promisify } from 'node:util';
import { type DevAgent, type DevAgentOptions, startDevAgent } from '../../dev-agent/src/index.ts';
import {
  type DeadEvent,
  type DeliveryOptions,
  EmbeddedAgent,
  type FlumeError,
  type Report,
  type Stats,
} from '../src/index.ts';
import { leakCheck } from './leak-check.ts';

interface Pair {
  readonly source: DevAgent;
  readonly agent: EmbeddedAgent;
  readonly warnings: FlumeError[];
}

async function withPair(
  use: (pair: Pair) => Promise<void>,
  options: DeliveryOptions = {},
  sourceOptions: DevAgentOptions = {},
): Promise<void> {
  const source = await startDevAgent({ port: 0, ...sourceOptions });
  const agent = new EmbeddedAgent({ port: source.port, retry: { initialDelayMs: 5, maxDelayMs: 20 }, ...options });
  const warnings: FlumeError[] = [];
  agent.on('warning', (error) => warnings.push(error));
  try {
    await use({ source, agent, warnings });
    assertBalanced(agent.stats());
  } finally {
    await agent.close();
    await source.close();
  }
}

function assertBalanced(stats: Stats): void {
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(stats.accepted + stats.recovered, stats.delivered + dropped + stats.queued.events);
}

const put = (agent: EmbeddedAgent, count: number, from = 0): void => {
  for (let index = from; index < from + count; index++)
    agent.put({ headers: { n: `${index}` }, body: `body ${index}` });
};
const numbers = (source: DevAgent): number[] => source.events.map(({ headers }) => Number(headers.n));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const source = await startDevAgent({ port: 0 });
  await source.close();
  return source.port as number;
}

describe('EmbeddedAgent', () => {
  leakCheck();

  it('delivers in order, in batches, and flush() means acknowledged', async () => {
    await withPair(
      async ({ source, agent, warnings }) => {
        put(agent, 1050);
        assert.deepEqual(await agent.flush(), { delivered: 1050, dropped: 0, queued: 0 });
        assert.deepEqual(numbers(source), upTo(1050));
        assert.deepEqual(
          source.calls.map(({ count }) => count),
          [...Array(10).fill(100), 50],
        );
        assert.deepEqual(warnings, []);
      },
      { batchSize: 100 },
      { latencyMs: 5 },
    );
  });

  it('offer() waits while the channel is full, without lingering, and loses nothing', { timeout: 60_000 }, async () => {
    await withPair(
      async ({ source, agent, warnings }) => {
        for (let n = 0; n < 60; n++) assert.equal(await agent.offer({ headers: { n: `${n}` }, body: 'x' }), true);
        assert.ok(agent.stats().queued.events <= 7);
        assert.deepEqual(await agent.flush(), { delivered: 60, dropped: 0, queued: 0 });
        assert.deepEqual(numbers(source), upTo(60));
        assert.deepEqual(warnings, []);
      },
      // A batch never becomes full, and would linger for longer than the test may take.
      { channel: { capacity: 7 }, lingerMs: 600_000, maxInFlight: 1 },
      { latencyMs: 5 },
    );
  });

  it('offer() drops what has no room in an empty channel, and what still waits at close', async () => {
    const agent = new EmbeddedAgent({ port: await deadPort(), channel: { capacity: 1, byteCapacity: 1000 } });
    agent.on('warning', () => {});
    assert.equal(await agent.offer({ body: 'x'.repeat(2000) }), false);
    assert.equal(await agent.offer({ body: 'x' }), true);
    const waiting = agent.offer({ body: 'y' });
    await agent.close({ timeoutMs: 0 });
    assert.equal(await waiting, false);
    const { accepted, dropped, queued } = agent.stats();
    assert.deepEqual([accepted, dropped.full, dropped.closed, queued.events], [3, 1, 1, 1]);
  });

  it('sends a batch when it is full, and a smaller one only after lingerMs', async () => {
    await withPair(
      async ({ source, agent }) => {
        put(agent, 10);
        await source.waitFor(10);
        assert.equal(agent.stats().queued.events >= 0, true);
        const started = performance.now();
        put(agent, 3, 10);
        await source.waitFor(13);
        assert.ok(performance.now() - started >= 140, 'it lingered');
        assert.deepEqual(
          source.calls.map(({ count }) => count),
          [10, 3],
        );
      },
      { batchSize: 10, lingerMs: 150 },
    );
  });

  it('cuts batches by bytes', async () => {
    await withPair(
      async ({ source, agent }) => {
        for (let index = 0; index < 10; index++) agent.put({ body: Buffer.alloc(1000) });
        await agent.flush();
        assert.deepEqual(
          source.calls.map(({ count }) => count),
          [2, 2, 2, 2, 2],
        );
      },
      { batchBytes: 2100 },
    );
  });

  it('keeps several batches in flight', async () => {
    await withPair(
      async ({ source, agent }) => {
        put(agent, 1000);
        await once(source, 'call');
        assert.equal(agent.stats().agents[0]?.inFlight, 4);
        await agent.flush();
        assert.deepEqual(numbers(source), upTo(1000));
      },
      {},
      { latencyMs: 20 },
    );
  });

  it('static headers win, eventId adds a UUID that survives retries', async () => {
    await withPair(
      async ({ source, agent }) => {
        source.script(['reset-after-commit']);
        agent.put({ headers: { app: 'mine', b: '2' }, body: 'x' });
        agent.put({ headers: ['id', 'given', 'app', 'mine'], body: 'y' });
        await agent.flush();
        const [first, second, again, last] = source.events;
        assert.deepEqual({ ...first?.headers, id: '' }, { app: 'static', b: '2', id: '' });
        assert.match(first?.headers.id ?? '', /^[\da-f-]{36}$/);
        assert.deepEqual(again, first);
        assert.deepEqual(second?.headers, { app: 'static', id: 'given' });
        assert.deepEqual(last, second);
        assert.equal(agent.stats().retried, 2);
      },
      { headers: { app: 'static' }, eventId: true },
    );
  });

  for (const step of [
    'failed',
    'error',
    'unknown',
    'exception',
    'reset',
    'close',
    'garbage',
    'half-frame',
    'stall',
  ] as const) {
    it(`loses nothing when the agent answers "${step}" now and then`, async () => {
      await withPair(
        async ({ source, agent }) => {
          source.script(['ok', step, 'ok', 'ok', step, 'ok', 'ok', 'ok', step]);
          put(agent, 1000);
          const report = await agent.flush();
          assert.deepEqual(report, { delivered: 1000, dropped: 0, queued: 0 });
          const received = new Set(numbers(source));
          assert.deepEqual(
            [...received].sort((a, b) => a - b),
            upTo(1000),
          );
          // Duplicates only of what was in flight behind the fault, where the agent may have gone on.
          assert.ok(source.received <= 1000 + 3 * 300, String(source.received));
        },
        { requestTimeoutMs: 100 },
      );
    });
  }

  it('keeps the order with one batch in flight, whatever happens', async () => {
    await withPair(
      async ({ source, agent }) => {
        source.script(['ok', 'reset', 'failed', 'ok', 'exception', 'close', 'ok', 'failed', 'failed', 'reset']);
        put(agent, 1000);
        await agent.flush();
        assert.deepEqual(numbers(source), upTo(1000));
      },
      { maxInFlight: 1 },
    );
  });

  it('warns once per outage and once on recovery', async () => {
    await withPair(async ({ source, agent, warnings }) => {
      source.script(['reset', 'reset', 'reset', 'close', 'ok']);
      put(agent, 250);
      await agent.flush();
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['ERR_FLUME_CONNECTION_LOST', 'FLUME_RECOVERED'],
      );
      assert.match(warnings[1]?.message ?? '', /accepts events again after \d+\.\d s/);
    });
  });

  it('learns how many events an agent takes in a batch', async () => {
    await withPair(
      async ({ source, agent, warnings }) => {
        put(agent, 1000);
        assert.equal((await agent.flush()).queued, 0);
        assert.deepEqual(numbers(source), upTo(1000));
        assert.equal(agent.stats().agents[0]?.batchSize, 10);
        assert.deepEqual(
          warnings.map(({ code }) => code),
          ['FLUME_NOTICE'],
        );
        assert.match(warnings[0]?.message ?? '', /gets 10 events at a time: its channel's transactionCapacity/);
      },
      { maxInFlight: 1 },
      { transactionCapacity: 10 },
    );
  });

  it('takes FAILED for all as a full channel, and gives nothing up', async () => {
    await withPair(
      async ({ source, agent, warnings }) => {
        put(agent, 100);
        await agent.flush();
        source.script(['failed', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed', 'failed']);
        put(agent, 300, 100);
        assert.deepEqual(await agent.flush(), { delivered: 400, dropped: 0, queued: 0 });
        assert.deepEqual(
          numbers(source).sort((a, b) => a - b),
          upTo(400),
        );
        assert.equal(agent.stats().agents[0]?.batchSize, 100);
        assert.deepEqual(
          warnings.map(({ code }) => code),
          ['ERR_FLUME_FAILED', 'FLUME_RECOVERED'],
        );
        assert.match(warnings[0]?.message ?? '', /its channel is full/);
      },
      { lingerMs: 0 },
    );
  });

  it('fails over to the next agent, and back when the first one answers', async () => {
    const first = await startDevAgent({ port: 0 });
    const second = await startDevAgent({ port: 0 });
    const port = first.port as number;
    const agent = new EmbeddedAgent({
      agents: [
        { host: '127.0.0.1', port },
        { host: '127.0.0.1', port: second.port as number },
      ],
      retry: { initialDelayMs: 10, maxDelayMs: 30 },
      lingerMs: 0,
    });
    const warnings: FlumeError[] = [];
    agent.on('warning', (error) => warnings.push(error));
    put(agent, 100);
    await agent.flush();
    assert.equal(first.received, 100);
    await first.close();
    // The connection that broke is replaced at once; only then is it known that nobody is there.
    while (warnings.length === 0) {
      put(agent, 1, 100);
      await agent.flush();
    }
    const there = second.received;
    put(agent, 100, 100);
    await agent.flush();
    assert.equal(second.received, there + 100);

    const revived = await startDevAgent({ port });
    const back = once(revived, 'call');
    // Traffic goes on while the first one is tried by a ping.
    const ticking = setInterval(() => put(agent, 1, 1000), 5);
    const [ping] = (await back) as [{ count: number }];
    assert.equal(ping.count, 0);
    await revived.waitFor(1);
    clearInterval(ticking);
    await agent.flush();
    assert.equal(warnings.length, 2);
    assert.equal(warnings[0]?.retryable, true);
    assert.equal(warnings[1]?.code, 'FLUME_RECOVERED');
    assert.equal((await agent.close()).queued, 0);
    await Promise.all([revived.close(), second.close()]);
  });

  it('fails over from a black hole within requestTimeoutMs', async () => {
    const hole = await startDevAgent({ port: 0, script: [{ repeat: Infinity, step: 'stall' }] });
    const second = await startDevAgent({ port: 0 });
    const agent = new EmbeddedAgent({
      agents: [`127.0.0.1:${hole.port}`, `127.0.0.1:${second.port}`],
      requestTimeoutMs: 200,
    });
    agent.on('warning', () => {});
    const started = performance.now();
    put(agent, 1000);
    await second.waitFor(1000);
    const tookMs = performance.now() - started;
    assert.ok(tookMs >= 190 && tookMs < 10_000, String(tookMs));
    await agent.close();
    await Promise.all([hole.close(), second.close()]);
  });

  it('uses all addresses of a name, and resolves it for each connection', async () => {
    const first = await startDevAgent({ host: '127.0.0.1', port: 0 });
    const second = await startDevAgent({ host: '127.0.0.2', port: first.port as number });
    const resolve = mock.method(
      dns,
      'lookup',
      (_name: string, _options: object, callback: (...args: unknown[]) => void) => {
        callback(
          null,
          [first, second].map(({ host }) => ({ address: host, family: 4 })),
        );
      },
    );
    syncBuiltinESMExports();
    const agent = new EmbeddedAgent({
      host: 'agents.test',
      port: first.port,
      tls: false,
      connectionMaxAgeMs: 20,
      lingerMs: 0,
    });
    agent.on('warning', () => {});
    for (let count = 0; first.received === 0 || second.received === 0; count++) {
      assert.ok(count < 10);
      put(agent, 1);
      await agent.flush();
      await Promise.race([once(first, 'disconnect'), once(second, 'disconnect')]);
    }
    assert.ok(resolve.mock.callCount() >= 2);
    // The one that is left serves alone.
    await first.close();
    put(agent, 100);
    assert.equal((await agent.close()).queued, 0);
    mock.restoreAll();
    syncBuiltinESMExports();
    await second.close();
  });

  it('counts no attempt of a batch that is refused because it is too large', async () => {
    await withPair(
      async ({ agent }) => {
        put(agent, 300);
        assert.deepEqual(await agent.flush(), { delivered: 300, dropped: 0, queued: 0 });
      },
      { retry: { initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 1 } },
      { transactionCapacity: 10 },
    );
  });

  it('does not take a ping for proof that an agent takes events', async () => {
    const bad = await startDevAgent({ port: 0, script: ({ events }) => (events.length === 0 ? 'ok' : 'close') });
    const good = await startDevAgent({ port: 0 });
    const agent = new EmbeddedAgent({
      agents: [`127.0.0.1:${bad.port}`, `127.0.0.1:${good.port}`],
      retry: { initialDelayMs: 10 },
      lingerMs: 0,
    });
    const warnings: FlumeError[] = [];
    agent.on('warning', (error) => warnings.push(error));
    const feed = setInterval(() => put(agent, 10), 1);
    while ((agent.stats().agents[0]?.failures ?? 0) < 5) await once(bad, 'disconnect');
    clearInterval(feed);
    assert.equal((await agent.close()).queued, 0);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['ERR_FLUME_CONNECTION_LOST'],
    );
    await Promise.all([bad.close(), good.close()]);
  });

  it('lets a listener of losses do anything', async () => {
    const agent = new EmbeddedAgent({ port: await deadPort(), channel: { capacity: 10, whenFull: 'drop-oldest' } });
    agent.on('warning', () => {});
    const flushes: Promise<Report>[] = [];
    agent.on('drop', () => {
      flushes.push(agent.flush({ timeoutMs: 20 }));
      put(agent, 1);
      assertBalanced(agent.stats());
    });
    put(agent, 12);
    for (const { queued } of await Promise.all(flushes)) assert.ok(queued >= 0 && queued <= 10, String(queued));
    assert.ok(flushes.length >= 2 && flushes.length <= 12, String(flushes.length));
    await agent.close({ timeoutMs: 0 });
    assertBalanced(agent.stats());
  });

  it('flushes do not wake a resting agent each time', async () => {
    let connections = 0;
    const slammer = net.createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    slammer.listen(0, '127.0.0.1');
    await once(slammer, 'listening');
    const agent = new EmbeddedAgent({ port: (slammer.address() as net.AddressInfo).port });
    agent.on('warning', () => {});
    put(agent, 10);
    for (let count = 0; count < 60; count++) await agent.flush({ timeoutMs: 10 });
    assert.ok(connections <= 12, String(connections));
    await agent.close({ timeoutMs: 0 });
    slammer.close();
  });

  it('an endless wait is one', async () => {
    await withPair(
      async ({ agent }) => {
        put(agent, 10);
        assert.equal((await agent.flush({ timeoutMs: Number.POSITIVE_INFINITY })).queued, 0);
      },
      {},
      { latencyMs: 50 },
    );
  });

  it('close() does not wait for dead letters without end', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flume-'));
    const fifo = path.join(directory, 'fifo');
    // Opening it for writing waits for a reader.
    execFileSync('mkfifo', [fifo]);
    const agent = new EmbeddedAgent({ port: await deadPort(), maxEventBytes: 64, oversize: 'drop', deadLetter: fifo });
    agent.on('warning', () => {});
    agent.put({ body: 'x'.repeat(100) });
    const started = performance.now();
    await agent.close({ timeoutMs: 10 });
    assert.ok(performance.now() - started < 2_000);
    const reader = await open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    await reader.close();
    await rm(directory, { recursive: true });
  });

  it('holds no process for an address that does not answer', async () => {
    const source = await startDevAgent({ port: 0 });
    const program = `
      import { execFile, execFileSync } from 'node:child_process';
import dns from 'node:dns';
      import { syncBuiltinESMExports } from 'node:module';
      dns.lookup = (name, options, callback) => callback(null, [{ address: '127.0.0.2', family: 4 }, { address: '127.0.0.1', family: 4 }, { address: '127.0.0.2', family: 4 }]);
      syncBuiltinESMExports();
      const { EmbeddedAgent } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
      const agent = new EmbeddedAgent({ host: 'agents.test', port: ${source.port}, tls: false });
      agent.put({ body: 'x' });
      console.log(JSON.stringify(await agent.flush()));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { timeout: 20_000 },
    );
    assert.equal(stdout.trim(), '{"delivered":1,"dropped":0,"queued":0}');
    await source.close();
  });

  it('ready() resolves on an answer, and rejects with the reason', async () => {
    await withPair(async ({ source, agent }) => {
      await agent.ready();
      assert.equal(source.calls[0]?.count, 0);
      assert.equal(source.received, 0);
      await agent.ready();
      assert.equal(source.calls.length, 1);
    });
    const agent = new EmbeddedAgent({ port: await deadPort() });
    agent.on('warning', () => {});
    await assert.rejects(agent.ready({ timeoutMs: 60 }), {
      code: 'ERR_FLUME_CONNECT',
      message: /^no agent is ready: Flume agent 127.0.0.1:\d+: cannot connect: .*ECONNREFUSED/,
    });
    await agent.close();
    await assert.rejects(agent.ready(), { code: 'ERR_FLUME_CLOSED' });
  });

  it('flush() and close() end within their time, with what is left', async () => {
    const agent = new EmbeddedAgent({ port: await deadPort() });
    agent.on('warning', () => {});
    put(agent, 30);
    assert.deepEqual(await agent.flush({ timeoutMs: 50 }), { delivered: 0, dropped: 0, queued: 30 });
    const report = await agent.close({ timeoutMs: 50 });
    assert.deepEqual(report, { delivered: 0, dropped: 0, queued: 30 });
    assert.equal(agent.put({ body: 'late' }), false);
    assert.equal(agent.stats().dropped.closed, 1);
    assert.equal(await agent.close(), report);
    assertBalanced(agent.stats());
  });

  it('flush() waits for what was put before it, and for nothing else', async () => {
    await withPair(
      async ({ agent }) => {
        put(agent, 100);
        const flushed = agent.flush();
        let fed = 0;
        const feed = setInterval(() => put(agent, 100, 100 * ++fed), 1);
        assert.equal((await flushed).queued, 0);
        clearInterval(feed);
        assert.equal((await agent.flush()).queued, 0);
      },
      {},
      { latencyMs: 10 },
    );
  });

  it('drops what has no room, counted, and says so once', async () => {
    const agent = new EmbeddedAgent({ port: await deadPort(), channel: { capacity: 10 } });
    const warnings: FlumeError[] = [];
    agent.on('warning', (error) => warnings.push(error));
    put(agent, 25);
    const stats = agent.stats();
    assert.equal(stats.dropped.full, 15);
    assert.equal(stats.queued.events, 10);
    assertBalanced(stats);
    await agent.close({ timeoutMs: 0 });
    assert.deepEqual(
      warnings.map(({ code, message }) => [code, message]).filter(([code]) => code === 'ERR_FLUME_DROPPED'),
      [
        [
          'ERR_FLUME_DROPPED',
          'events are lost, 1 event so far: the channel is full (channel.capacity, channel.byteCapacity, channel.maxBytes, channel.whenFull)',
        ],
      ],
    );
  });

  for (const maxInFlight of [1, 4]) {
    it(`gives up after retry.maxAttempts what is at fault, and no other, ${maxInFlight} in flight`, async () => {
      await withPair(
        async ({ source, agent }) => {
          source.script(({ events }) => (events.some(({ body }) => body.toString() === 'body 150') ? 'reset' : 'ok'));
          put(agent, 300);
          assert.deepEqual(await agent.flush(), { delivered: 299, dropped: 1, queued: 0 });
          assert.equal(agent.stats().dropped.attempts, 1);
        },
        { retry: { initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 }, maxInFlight },
      );
    });
  }

  it('gives all up after retry.maxAttempts where the agent takes nothing', async () => {
    await withPair(
      async ({ source, agent }) => {
        source.script([{ step: 'reset', repeat: Infinity }]);
        put(agent, 30);
        assert.deepEqual(await agent.flush(), { delivered: 0, dropped: 30, queued: 0 });
        assert.equal(agent.stats().dropped.attempts, 30);
      },
      { retry: { initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 2 } },
    );
  });

  it('gives up a poison event alone, while its neighbours and others pass', async () => {
    const dead: [DeadEvent, string][] = [];
    await withPair(
      async ({ source, agent, warnings }) => {
        source.script(({ events }) => (events.some(({ body }) => body.toString() === 'body 73') ? 'exception' : 'ok'));
        put(agent, 300);
        let count = 300;
        const feed = setInterval(() => put(agent, 1, count++), 1);
        const [loss] = (await once(agent, 'drop')) as [{ count: number; reason: string }];
        clearInterval(feed);
        assert.deepEqual(loss, { count: 1, reason: 'poison' });
        assert.deepEqual(await agent.flush(), { delivered: count - 1, dropped: 1, queued: 0 });
        assert.deepEqual(
          [...new Set(numbers(source))].sort((a, b) => a - b),
          upTo(count).filter((number) => number !== 73),
        );
        assert.deepEqual(dead, [[{ headers: { n: '73' }, body: Buffer.from('body 73') }, 'poison']]);
        assert.equal(warnings.filter(({ code }) => code === 'ERR_FLUME_DROPPED').length, 1);
      },
      { deadLetter: (event, reason) => dead.push([event, reason]), lingerMs: 0 },
    );
  });

  it('never takes events for poison when the agent accepts no others', async () => {
    await withPair(
      async ({ source, agent }) => {
        let failing = true;
        source.script(() => (failing ? 'close' : 'ok'));
        put(agent, 50);
        assert.equal((await agent.flush({ timeoutMs: 400 })).queued, 50);
        assert.ok(source.callsTotal > 15, String(source.callsTotal));
        failing = false;
        assert.deepEqual(await agent.flush(), { delivered: 50, dropped: 0, queued: 0 });
      },
      { retry: { initialDelayMs: 1, maxDelayMs: 5 } },
    );
  });

  it('drops what waited for retry.maxAgeMs, and keeps it in the dead letters', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flume-'));
    const file = path.join(directory, 'dead.jsonl');
    const agent = new EmbeddedAgent({
      port: await deadPort(),
      retry: { maxDelayMs: 10, initialDelayMs: 10, maxAgeMs: 100 },
      lingerMs: 0,
      deadLetter: file,
    });
    agent.on('warning', () => {});
    agent.put({ headers: { a: 'ä' }, body: 'text' });
    agent.put({ body: Buffer.from([255]) });
    while (agent.stats().dropped.expired < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    agent.put({ body: 'young' });
    assert.equal(agent.stats().queued.events, 1);
    await agent.close({ timeoutMs: 0 });
    const lines = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines, [
      { headers: { a: 'ä' }, body: 'text' },
      { headers: {}, body: '\ufffd', bodyBase64: '/w==' },
    ]);
    await rm(directory, { recursive: true });
  });

  for (const selector of ['round_robin', 'random'] as const) {
    it(`balances the load, ${selector}, and passes over an agent that is slow or down`, async () => {
      const sources = await Promise.all([1, 2, 3].map(() => startDevAgent({ port: 0 })));
      const [first, second, third] = sources as [DevAgent, DevAgent, DevAgent];
      const agent = new EmbeddedAgent({
        agents: sources.map(({ port }) => `127.0.0.1:${port}`),
        processor: 'load_balance',
        selector,
        retry: { initialDelayMs: 5, maxDelayMs: 20 },
      });
      agent.on('warning', () => {});
      await Promise.all(
        sources.map(async (source) => {
          put(agent, 100);
          await agent.flush();
          return source;
        }),
      );
      put(agent, 3000);
      await agent.flush();
      for (const source of sources) assert.ok(source.received > 300, String(source.received));
      second.script([{ repeat: Infinity, step: { delayMs: 300 } }]);
      await third.close();
      const started = performance.now();
      put(agent, 3000);
      await agent.flush();
      assert.ok(first.received > 2500, String(first.received));
      assert.ok(performance.now() - started < 20_000);
      await agent.close();
      await Promise.all([first.close(), second.close()]);
    });
  }

  it('asks an agent that was silent by a ping before it sends events again', async () => {
    // The batch lies at such an agent, and may be stored yet: each that follows would be a duplicate.
    await withPair(
      async ({ source, agent }) => {
        const counts: number[] = [];
        source.script(({ events }) => {
          counts.push(events.length);
          return counts.length === 1 ? 'stall' : 'ok';
        });
        put(agent, 30);
        await agent.flush({ timeoutMs: 20_000 });
        assert.deepEqual(counts.slice(0, 2), [10, 0]);
        assert.deepEqual(new Set(numbers(source)), new Set(upTo(30)));
      },
      { requestTimeoutMs: 100, batchSize: 10 },
    );
  });

  it('replaces a connection that is older than connectionMaxAgeMs', async () => {
    await withPair(
      async ({ source, agent, warnings }) => {
        put(agent, 100);
        await agent.flush();
        await once(source, 'disconnect');
        put(agent, 100, 100);
        await agent.flush();
        assert.equal(source.connectionsTotal, 2);
        assert.deepEqual(numbers(source), upTo(200));
        assert.deepEqual(warnings, []);
      },
      { connectionMaxAgeMs: 50 },
    );
  });

  it('cuts an event that is too large, without half a character, or drops it', async () => {
    await withPair(
      async ({ source, agent }) => {
        agent.put({ headers: { a: 'b' }, body: '€'.repeat(100) });
        agent.put({ headers: { a: 'b' }, body: Buffer.alloc(500, 7) });
        agent.put({ body: 'small' });
        assert.equal(agent.put({ headers: { a: 'x'.repeat(300) }, body: '' }), false);
        await agent.flush();
        const [text, bytes, small] = source.events;
        assert.equal(text?.headers.truncated, '300');
        assert.match(text?.body.toString() ?? '', /^€{40,60}$/);
        assert.equal(bytes?.headers.truncated, '500');
        assert.ok((bytes?.body.length ?? 0) > 150);
        assert.equal(small?.body.toString(), 'small');
        assert.equal(agent.stats().truncated, 2);
        assert.equal(agent.stats().dropped.oversize, 1);
      },
      { maxEventBytes: 200 },
    );
    await withPair(
      async ({ source, agent }) => {
        const drops: object[] = [];
        agent.on('drop', (drop) => drops.push(drop));
        assert.equal(agent.put({ body: 'x'.repeat(300) }), false);
        assert.ok(agent.put({ body: 'small' }));
        await agent.flush();
        assert.equal(source.received, 1);
        assert.equal(agent.stats().dropped.oversize, 1);
        assert.deepEqual(drops, [{ count: 1, reason: 'oversize' }]);
      },
      { maxEventBytes: 200, oversize: 'drop' },
    );
  });

  it('keeps events apart where a getter of one puts another', async () => {
    await withPair(async ({ agent, source }) => {
      const inner = { headers: { a: 'inner', b: 'inner', c: 'inner' }, body: 'inner' };
      const outer = {
        body: 'outer',
        headers: {
          a: 'outer',
          get b(): string {
            assert.equal(agent.put(inner), true);
            return 'outer';
          },
        },
      };
      assert.equal(agent.put(outer), true);
      await agent.flush();
      assert.deepEqual(
        source.events.map(({ headers, body }) => ({ headers, body: body.toString() })),
        [inner, { body: 'outer', headers: { a: 'outer', b: 'outer' } }],
      );
    });
  });

  it('counts what is no event, and never throws', async () => {
    await withPair(async ({ agent, warnings }) => {
      const trap = new Proxy({}, { get: () => assert.fail('trap'), ownKeys: () => assert.fail('trap') });
      const getter = {
        body: 'x',
        get headers(): never {
          throw new Error('no');
        },
      };
      const wrong: unknown[] = [
        undefined,
        null,
        1,
        {},
        { body: 1 },
        { body: 'x', headers: { a: 1 } },
        { body: 'x', headers: trap },
        trap,
        getter,
      ];
      for (const event of wrong) assert.equal(agent.put(event as { body: string }), false);
      assert.equal(agent.stats().dropped.invalid, wrong.length);
      assert.equal(warnings.length, 1);
    });
  });

  it('survives a listener that throws', async () => {
    await withPair(async ({ agent }) => {
      agent.on('warning', () => {
        throw new Error('listener');
      });
      const warned = once(process, 'warning') as Promise<[Error]>;
      agent.put({ body: 1 } as never);
      const [warning] = await warned;
      assert.match(warning.message, /a listener of 'warning' threw: Error: listener/);
    });
  });

  it('tells losses on after a listener threw what cannot be shown', async () => {
    const agent = new EmbeddedAgent({ maxEventBytes: 64, oversize: 'drop' });
    agent.on('warning', () => {});
    agent.once('drop', () => {
      throw Object.create(null);
    });
    const large = { body: 'x'.repeat(100) };
    const warned = once(process, 'warning');
    assert.equal(agent.put(large), false);
    assert.match(((await warned) as [Error])[0].message, /a listener of 'drop' threw: what cannot be shown/);
    const heard: unknown[] = [];
    agent.on('drop', (loss) => heard.push(loss));
    assert.equal(agent.put(large), false);
    assert.deepEqual(heard, [{ count: 1, reason: 'oversize' }]);
    await agent.close();
  });

  for (const channel of [{ type: 'memory' }, { type: 'memory', capacity: 50, whenFull: 'drop-oldest' }] as const) {
    it(`keeps the books at the end of the stack, ${JSON.stringify(channel)}`, async () => {
      await withPair(
        async ({ source, agent }) => {
          let accepted = 0;
          const deep = (): void => {
            if (agent.put({ body: 'from the depth' })) accepted += 1;
            deep();
          };
          for (let round = 0; round < 8; round++) {
            // Each time another call is the last that has room.
            const further = (left: number): void => (left === 0 ? deep() : further(left - 1));
            assert.throws(() => further(round), RangeError);
            assertBalanced(agent.stats());
          }
          assert.ok(agent.put({ body: 'after' }));
          const { delivered, dropped, queued } = await agent.flush();
          assert.equal(queued, 0);
          assert.equal(source.received, delivered);
          if (!('capacity' in channel)) assert.equal(delivered, accepted + 1);
          assert.equal(agent.stats().accepted, delivered + dropped);
        },
        { channel },
      );
    });
  }

  it('is disposed of by `await using`', async () => {
    const source = await startDevAgent({ port: 0 });
    {
      await using agent = new EmbeddedAgent({ port: source.port });
      agent.put({ body: 'x' });
    }
    assert.equal(source.received, 1);
    await source.close();
  });
});
