// How programs end: each in a process of its own, with the built package.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import { EmbeddedAgent } from 'flume-thrift-client';
import { deadPort, fields } from './flume-logger.ts';

interface Ending {
  readonly code: number | null;
  readonly stderr: string;
  /** Since the program's last sayWhen(): a busy machine takes its time to load a program. */
  readonly tookMs: number;
}

async function run(program: string, port: number, closeTimeoutMs?: number, spool?: string): Promise<Ending> {
  const env = { ...process.env, FLUME_PORT: String(port), NODE_OPTIONS: '', SPOOL_DIR: spool ?? '' };
  const timeout = closeTimeoutMs === undefined ? {} : { CLOSE_TIMEOUT_MS: String(closeTimeoutMs) };
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'programs', program)], {
    env: { ...env, ...timeout },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const exit = once(child, 'exit').then(([code]) => ({ code, endedAt: Date.now() }));
  const [{ code, endedAt }, stdout, stderr] = await Promise.all([exit, textOf(child.stdout), textOf(child.stderr)]);
  return { code, stderr, tookMs: endedAt - Number(stdout.trim().split('\n').at(-1)) };
}

const clean = ['end.mjs', 'natural.mjs', 'flush.mjs', 'shutdown.mjs'];

describe('with an agent that takes 30 ms for a batch, 1,000 of 1,000 arrive', { concurrency: 2 }, () => {
  for (const program of clean) {
    it(program, async () => {
      await using source = await startDevAgent({ port: 0, latencyMs: 30 });
      const { code, stderr } = await run(program, source.port);
      assert.deepEqual({ code, stderr, received: source.received }, { code: 0, stderr: '', received: 1_000 });
      assert.deepEqual(
        source.events.map((event) => fields(event).n),
        Array.from({ length: 1_000 }, (_, n) => n),
      );
    });
  }

  for (const [program, count] of [
    ['exception.mjs', 1_000],
    ['exception-handler.mjs', 1],
  ] as const) {
    it(`${program}, within the three seconds that winston gives`, async () => {
      await using source = await startDevAgent({ port: 0, latencyMs: 30 });
      const { code, tookMs } = await run(program, source.port);
      assert.equal(code, 1);
      assert.equal(source.received, count);
      const last = fields(source.events.at(-1));
      assert.equal((last.error as Error).message, 'nobody catches me');
      assert.ok(tookMs < 8_000, `${tookMs} ms`);
    });
  }
});

describe('without an agent, it ends in time and says what was left', { concurrency: 2 }, () => {
  for (const program of clean) {
    it(program, async () => {
      const { code, stderr, tookMs } = await run(program, await deadPort(), 700);
      assert.equal(code, 0);
      const left = program === 'shutdown.mjs' ? '\\d+' : '1000';
      assert.match(stderr, new RegExp(`^flume: ${left} events were not delivered: .*ECONNREFUSED.*$`, 'm'));
      assert.equal(stderr.match(/not delivered/g)?.length, 1);
      assert.ok(tookMs > 500 && tookMs < 4_500, `${tookMs} ms`);
    });
  }

  it('budget.mjs, within the time of shutdown(), whatever the transports would take', async () => {
    const { code, stderr, tookMs } = await run('budget.mjs', await deadPort());
    assert.equal(code, 0);
    assert.deepEqual(stderr.match(/\d+ events? (was|were) not delivered/g)?.sort(), [
      '1 event was not delivered',
      '1000 events were not delivered',
      '1000 events were not delivered',
    ]);
    assert.ok(tookMs > 800 && tookMs < 10_000, `${tookMs} ms`);
  });

  // exitTimeoutMs is 2,000, closeTimeoutMs 20,000.
  it('exit.mjs, within exitTimeoutMs', async () => {
    const { stderr, tookMs } = await run('exit.mjs', await deadPort(), 20_000);
    assert.match(stderr, /^flume: 1000 events were not delivered/m);
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
  });

  // Winston's three seconds, and exitTimeoutMs where the last attempt was more than a second ago.
  it('exception.mjs, after five seconds at most', async () => {
    const { code, stderr, tookMs } = await run('exception.mjs', await deadPort(), 700);
    assert.equal(code, 1);
    assert.match(stderr, /^flume: 1000 events were not delivered: .*ECONNREFUSED/m);
    assert.ok(tookMs < 9_000, `${tookMs} ms`);
  });
});

describe('without an agent, with a spillable channel: the next process delivers all', { concurrency: 2 }, () => {
  for (const program of [...clean, 'exit.mjs', 'exception.mjs']) {
    it(program, async () => {
      const dir = mkdtempSync(path.join(tmpdir(), 'winston-exit-'));
      // In half of its time shutdown() brings 1,000 records past a transport that takes a turn for each.
      const { stderr } = await run(program, await deadPort(), program === 'shutdown.mjs' ? 2_000 : 300, dir);
      assert.doesNotMatch(stderr, /not delivered/);

      await using source = await startDevAgent({ port: 0 });
      const next = new EmbeddedAgent({ port: source.port as number, channel: { type: 'spillable', dir } });
      await source.waitFor(1_000);
      await next.close();
      const numbers = source.events.map((event) => Number(fields(event).n ?? 999));
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        Array.from({ length: 1_000 }, (_, n) => n),
      );
      assert.deepEqual(readdirSync(dir), []);
      rmSync(dir, { recursive: true });
    });
  }
});

describe('with an agent that is too slow, it ends in time and says what was left', { concurrency: 2 }, () => {
  for (const program of ['end.mjs', 'natural.mjs']) {
    it(program, async () => {
      await using source = await startDevAgent({ port: 0, latencyMs: 400 });
      const { code, stderr, tookMs } = await run(program, source.port, 700);
      assert.equal(code, 0);
      assert.match(stderr, /^flume: \d+ events were not delivered: Flume agent .*: no answer yet$/m);
      assert.ok(tookMs > 500 && tookMs < 4_500, `${tookMs} ms`);
    });
  }
});

describe('an idle program ends at once', () => {
  it('with a connection', async () => {
    await using source = await startDevAgent({ port: 0 });
    const { code, tookMs } = await run('idle.mjs', source.port);
    assert.equal(code, 0);
    assert.equal(source.received, 1);
    assert.ok(tookMs < 4_500, `${tookMs} ms`);
  });

  it('with a transport that was never used', async () => {
    const { code, tookMs } = await run('idle.mjs', 0);
    assert.equal(code, 0);
    assert.ok(tookMs < 4_500, `${tookMs} ms`);
  });
});
