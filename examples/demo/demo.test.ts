// The demo as its user sees it: what it prints, and how it ends.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type StatsView, startDevAgent } from 'flume-dev-agent';

const demoFile = path.join(import.meta.dirname, 'demo.ts');

class Demo {
  readonly ended: Promise<{ readonly status: number | null; readonly lastLine: string | undefined }>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  constructor(t: TestContext, ...args: string[]) {
    const child = spawn(process.execPath, ['--import', 'tsx', demoFile, ...args], {
      cwd: path.join(import.meta.dirname, '../..'),
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (status) => resolve({ status, lastLine: this.stdout.trimEnd().split('\n').at(-1) }));
    });
    t.after(() => child.kill());
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when it has printed such a thing. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    let found: RegExpExecArray | null = null;
    while ((found = pattern.exec(this.stdout)) === null) {
      await new Promise<void>((resolve, reject) => {
        this.#child.stdout?.once('data', () => resolve());
        void this.ended.then(() => reject(new Error(`the demo ended without ${pattern}:\n${this.stdout}`)));
      });
    }
    return found;
  }
}

// The address of a server that has closed since.
async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert(typeof address === 'object' && address !== null);
  return `127.0.0.1:${address.port}`;
}

async function isReachable(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** An agent that answers the ping, and then nothing more: the demo can get no further than its requests. */
const mute = {
  port: 0,
  script: ({ events }: { events: readonly unknown[] }) => (events.length > 0 ? 'stall' : 'ok'),
} as const;

const limit = { timeout: 60_000 };

test('every record arrives at the development agent', limit, async (t) => {
  const demo = new Demo(t);
  const { status, lastLine } = await demo.ended;
  assert.equal(status, 0, demo.stdout + demo.stderr);
  const [, sent, received] = /^demo: (\d+) records sent, (\d+) events received, 0 missing$/.exec(lastLine ?? '') ?? [];
  assert.equal(sent, received);
  assert(Number(sent) > 1_000, lastLine);
  assert.match(demo.stdout, /600 of 600 requests answered/);
  assert.match(demo.stdout, /recordId=fastify-\d+ [^]*山田 太郎[^]*recordId=express-\d+ [^]*María 🐟 Peña/);
  assert(!demo.stdout.includes('\u001b'), 'no colours in a pipe');
  assert.equal(demo.stderr, '');
});

test('--ui has a page that shows the events, and stays until Ctrl-C', limit, async (t) => {
  const demo = new Demo(t, '--ui');
  const [, address] = await demo.shows(/page +(http:\S+)/);
  await demo.shows(/demo: (\d+) records sent, \1 events received, 0 missing[^]*until Ctrl-C/);
  const stats = (await (await fetch(`${address}api/stats`)).json()) as StatsView;
  demo.kill('SIGINT');
  const { status } = await demo.ended;
  assert.equal(status, 0);
  assert.ok(demo.stdout.includes(`${stats.accepted} events received`), demo.stdout);
});

test('--agent sends to an agent that is there already', limit, async (t) => {
  await using agent = await startDevAgent({ port: 0 });
  const address = `127.0.0.1:${agent.port}`;
  const demo = new Demo(t, '--agent', address);
  const { status, lastLine } = await demo.ended;
  assert.equal(status, 0, demo.stdout + demo.stderr);
  const count = new Set(agent.events.map(({ headers }) => headers.recordId)).size;
  assert.equal(lastLine, `demo: ${count} records sent, ${count} acknowledged by ${address}`);
});

test('--agent where nobody listens', limit, async (t) => {
  const address = await nobody();
  const demo = new Demo(t, '--agent', address);
  const { status, lastLine } = await demo.ended;
  assert.equal(status, 1);
  assert.match(lastLine ?? '', new RegExp(`^demo: Flume agent ${address}: .*ECONNREFUSED`));
});

test('what an agent does not acknowledge is not called acknowledged', limit, async (t) => {
  await using agent = await startDevAgent(mute);
  const demo = new Demo(t, '--agent', `127.0.0.1:${agent.port}`);
  const { status, lastLine } = await demo.ended;
  assert.equal(status, 1);
  assert.match(lastLine ?? '', /^demo: \d+ records sent, only 0 known to be acknowledged by/);
});

test('an application that dies is named', limit, async (t) => {
  await using agent = await startDevAgent(mute);
  const demo = new Demo(t, '--agent', `127.0.0.1:${agent.port}`);
  const [, pid] = await demo.shows(/express .*\(process (\d+)\)/);
  process.kill(Number(pid), 'SIGKILL');
  const { status, lastLine } = await demo.ended;
  assert.equal(status, 1);
  assert.match(lastLine ?? '', /^demo: express-app\.ts .*SIGKILL$/);
});

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`no application is left behind by a demo that ends with ${signal}`, limit, async (t) => {
    await using agent = await startDevAgent(mute);
    const demo = new Demo(t, '--agent', `127.0.0.1:${agent.port}`);
    const { 1: fastify = '' } = await demo.shows(/fastify +(http\S+)/);
    const { 1: express = '' } = await demo.shows(/express +(http\S+)/);
    demo.kill(signal);
    const { status } = await demo.ended;
    assert.equal(status, signal === 'SIGINT' ? 130 : null);
    // They are told to end, or notice, at about the same time.
    while ((await isReachable(fastify)) || (await isReachable(express)));
  });
}

test('wrong usage', limit, async (t) => {
  for (const args of [['--agnet'], ['--agent', 'flume-1'], ['--agent', 'flume-1:0'], ['4141']]) {
    const demo = new Demo(t, ...args);
    const { status } = await demo.ended;
    assert.equal(status, 2);
    assert.equal(demo.stdout, '');
    assert.match(demo.stderr, /^demo: .+ \(--help shows examples\)\n$/);
  }
});
