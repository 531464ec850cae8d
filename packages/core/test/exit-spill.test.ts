// A spillable channel in a process that ends: what is queued, in flight or not, is delivered by the next one.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type DevAgent, startDevAgent } from '../../dev-agent/src/index.ts';
import { EmbeddedAgent, type Stats } from '../src/index.ts';
import { leakCheck } from './leak-check.ts';

const source = new URL('../src/index.ts', import.meta.url);
const events = 1_000;
let dir = '';
let port = 0;

/** Puts events by `put(count)` and does what the end says. In the end it tells its books. */
function program(end: string): ChildProcess {
  const text = `
    import { EmbeddedAgent } from ${JSON.stringify(source.href)};
    const channel = { type: 'spillable', dir: ${JSON.stringify(dir)}, minFreeBytes: 0, capacity: 600 };
    const retry = { initialDelayMs: 5, maxDelayMs: 20 };
    const agent = new EmbeddedAgent({ port: ${port}, channel, retry, lingerMs: 5, closeTimeoutMs: 100 });
    agent.on('warning', () => {});
    let number = 0;
    const put = (count) => { for (; count > 0; count--) agent.put({ body: String(number++) }); };
    // When all listeners of 'exit' have had their turn.
    const emit = process.emit;
    process.emit = function (name, ...args) {
      const had = emit.call(this, name, ...args);
      if (name === 'exit') console.log(JSON.stringify(agent.stats()));
      return had;
    };
    ${end}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], { timeout: 60_000 });
}

async function outcome(child: ChildProcess): Promise<{ stats: Stats | undefined; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return { stats: last.startsWith('{') ? JSON.parse(last) : undefined, stderr };
}

/** Delivers what is left, and tells how often each number has arrived in all. */
async function arrivals(agent: DevAgent, count: number): Promise<number[]> {
  const next = new EmbeddedAgent({ port: agent.port as number, channel: { type: 'spillable', dir, minFreeBytes: 0 } });
  next.on('warning', () => {});
  const arrived = Array<number>(count).fill(0);
  const isThere = (): boolean => {
    arrived.fill(0);
    for (const { body } of agent.events) (arrived[Number(body)] as number) += 1;
    return !arrived.includes(0);
  };
  const end = performance.now() + 10_000;
  while (!isThere() && performance.now() < end)
    await next.flush().then(() => new Promise((done) => setTimeout(done, 20)));
  await next.close();
  isThere();
  return arrived;
}

const ends: Record<string, string> = {
  'process.exit()': `put(${events}); setImmediate(() => process.exit());`,
  'an exception': `put(${events}); setImmediate(() => { throw new Error('on purpose'); });`,
  'a rejection': `put(${events}); Promise.reject(new Error('on purpose'));`,
  'by itself': `put(${events});`,
  'close()': `put(${events}); void agent.close();`,
  'process.exit() in a listener of warnings': `put(${events}); agent.on('warning', () => process.exit());`,
  'events of a later listener of exit': `put(${events - 10}); process.on('exit', () => put(10)); setImmediate(() => process.exit());`,
  'events of a listener of exit alone': `process.on('exit', () => put(${events}));`,
  'a full memory': `put(${events / 2}); setImmediate(() => { put(${events / 2}); process.exit(); });`,
};

describe('a spillable channel at the end of its process', () => {
  let agent: DevAgent;
  afterEach(async () => {
    await agent.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });
  leakCheck();
  beforeEach(async () => {
    dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-exit-'));
    agent = await startDevAgent({ port: 0, keepEvents: Infinity });
    port = agent.port as number;
  });

  for (const [name, end] of Object.entries(ends)) {
    it(`without an agent, ${name}: the next one delivers all, once`, async () => {
      port = 1;
      const { stats, stderr } = await outcome(program(end));
      assert.doesNotMatch(stderr, /not delivered/);
      const { accepted = 0, spooled = 0, queued } = stats ?? {};
      assert.equal(accepted, events, stderr);
      assert.equal(spooled + (queued?.events ?? 0), events);
      assert.deepEqual(new Set(await arrivals(agent, events)), new Set([1]));
      assert.deepEqual(fs.readdirSync(dir), []);
    });
  }

  it('with batches in flight: the next one delivers all', async () => {
    agent.script(['ok', 'ok', 'stall']);
    const whenStuck = `setInterval(() => {
      const { delivered, agents } = agent.stats();
      if (delivered === 200 && agents[0].inFlight === 4) process.exit();
    }, 1);`;
    const { stats, stderr } = await outcome(program(`put(${events}); ${whenStuck}`));
    assert.doesNotMatch(stderr, /not delivered/);
    assert.equal(stats?.delivered, 200);
    assert.equal(stats?.spooled, events - 200);
    assert.ok(!(await arrivals(agent, events)).includes(0));
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('killed while no agent works: the next one delivers what was put until then', async () => {
    port = 1;
    const child = program(`
      put(${events / 2});
      agent.once('warning', () => setTimeout(() => {
        put(${events / 2});
        console.log('in an outage');
        setInterval(() => {}, 1000);
      }, 100));`);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.deepEqual(new Set(await arrivals(agent, events)), new Set([1]));
  });

  it('with nothing queued: nothing is left of its folder', async () => {
    const { stats, stderr } = await outcome(program('put(10); void agent.flush().then(() => process.exit());'));
    assert.equal(stats?.delivered, 10, stderr);
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('says what is lost where the disk does not take it', async () => {
    port = 1;
    fs.writeFileSync(path.join(dir, 'file'), '');
    dir = path.join(dir, 'file/spool');
    const { stats, stderr } = await outcome(program('put(100); setImmediate(() => process.exit());'));
    dir = path.join(dir, '../..');
    assert.deepEqual([stats?.queued.events, stats?.spooled], [100, 0]);
    assert.equal(stderr.match(/^flume: /gm)?.length, 1);
    assert.match(stderr, /^flume: 100 events were not delivered: .*ENOTDIR/m);
  });
});
