// Delivery with channels on disk: what is there is reported as that, and delivered by whoever comes next.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { type DevAgent, startDevAgent } from '../../dev-agent/src/index.ts';
import { type DeliveryOptions, EmbeddedAgent, type FlumeError, type Stats } from '../src/index.ts';
import { until } from './channel/channel-model.ts';
import { leakCheck } from './leak-check.ts';

let dir = '';
let source: DevAgent;

let type: 'file' | 'spillable' = 'file';

function openAgent(options: DeliveryOptions = {}): EmbeddedAgent {
  const agent = new EmbeddedAgent({
    port: source.port as number,
    channel: { type, dir, minFreeBytes: 0 },
    retry: { initialDelayMs: 5, maxDelayMs: 20 },
    lingerMs: 5,
    ...options,
  });
  return agent.on('warning', () => {});
}

function assertBalanced({ accepted, recovered, delivered, dropped, queued, spooled }: Stats): void {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(accepted + recovered, delivered + lost + queued.events + spooled);
}

const put = (agent: EmbeddedAgent, count: number, from = 0): void => {
  for (let index = from; index < from + count; index++) agent.put({ body: `${index}` });
};
const received = (): number[] => source.events.map(({ body }) => Number(body)).sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Hooks for a describe(). */
function withSource(channel: 'file' | 'spillable'): void {
  // Around the check, so that it does not see the source.
  afterEach(async () => {
    await source.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });
  leakCheck();
  beforeEach(async () => {
    type = channel;
    dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-delivery-'));
    source = await startDevAgent({ port: 0 });
  });
}

describe('EmbeddedAgent with a file channel', () => {
  withSource('file');

  for (const fsync of ['always', 'interval', 'never'] as const) {
    it(`delivers in order and leaves nothing behind, fsync ${fsync}`, async () => {
      const agent = openAgent({ channel: { type: 'file', dir, minFreeBytes: 0, fsync } });
      put(agent, 1050);
      assert.deepEqual(await agent.flush(), { delivered: 1050, dropped: 0, queued: 0 });
      assert.deepEqual(
        source.events.map(({ body }) => Number(body)),
        upTo(1050),
      );
      assert.deepEqual(await agent.close(), { delivered: 1050, dropped: 0, queued: 0, spooled: 0 });
      assertBalanced(agent.stats());
      assert.deepEqual(fs.readdirSync(dir), []);
    });
  }

  it('never throws for the disk: what it refuses is counted', async () => {
    const file = path.join(dir, 'file');
    fs.writeFileSync(file, '');
    const warnings: string[] = [];
    const agent = new EmbeddedAgent({ channel: { type: 'file', dir: path.join(file, 'spool') } });
    agent.on('warning', ({ code }) => warnings.push(code));
    assert.equal(agent.put({ body: 'x' }), false);
    assert.equal(agent.put({ body: 'x' }), false);
    await agent.close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(agent.stats().dropped.disk, 2);
    assertBalanced(agent.stats());
    assert.deepEqual(warnings.sort(), ['ERR_FLUME_DISK', 'ERR_FLUME_DROPPED']);
  });
});

describe('EmbeddedAgent with a spillable channel', () => {
  withSource('spillable');

  const segments = (): string[] =>
    (fs.readdirSync(dir, { recursive: true }) as string[]).filter((name) => name.endsWith('.seg'));

  it('leaves the disk alone while all is well', async () => {
    const agent = openAgent();
    for (let round = 0; round < 10; round++) {
      put(agent, 100, 100 * round);
      assert.deepEqual(segments(), []);
      await agent.flush();
    }
    assert.deepEqual(await agent.close(), { delivered: 1000, dropped: 0, queued: 0, spooled: 0 });
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('uses the disk when memory is full, and keeps the order', async () => {
    const agent = openAgent({ channel: { type, dir, minFreeBytes: 0, capacity: 50 }, maxInFlight: 1 });
    for (let round = 0; round < 10; round++) {
      put(agent, 100, 100 * round);
      assertBalanced(agent.stats());
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.notDeepEqual(segments(), []);
    assert.deepEqual(await agent.flush(), { delivered: 1000, dropped: 0, queued: 0 });
    assert.deepEqual(
      source.events.map(({ body }) => Number(body)),
      upTo(1000),
    );
    put(agent, 50);
    assert.equal((await agent.close()).delivered, 1050);
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('moves what memory holds to disk when the last agent fails, and back when one works', async () => {
    const { port } = source;
    await source.close();
    const agent = openAgent({ port });
    put(agent, 250);
    assert.deepEqual(segments(), []);
    await once(agent, 'warning');
    await until(() => segments().length === 1);
    put(agent, 50, 250);
    source = await startDevAgent({ port });
    await source.waitFor(300);
    assert.equal((await agent.flush()).queued, 0);
    const before = segments();
    put(agent, 10, 300);
    assert.deepEqual(segments(), before);
    await agent.close();
    assert.deepEqual(received(), upTo(310));
    assertBalanced(agent.stats());
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('says on stderr what neither an agent nor the disk took', async () => {
    const file = path.join(dir, 'file');
    fs.writeFileSync(file, '');
    const agent = openAgent({ port: 1, channel: { type, dir: path.join(file, 'spool') } });
    put(agent, 20);
    for (let code = ''; code !== 'ERR_FLUME_CONNECT'; ) [{ code }] = (await once(agent, 'warning')) as [FlumeError];
    const write = mock.method(fs, 'writeSync', () => 0);
    syncBuiltinESMExports();
    const report = await agent.close({ timeoutMs: 20 });
    const lines = write.mock.calls.map(({ arguments: [, line] }) => String(line));
    mock.restoreAll();
    syncBuiltinESMExports();
    assert.deepEqual(report, { delivered: 0, dropped: 0, queued: 20, spooled: 0 });
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^flume: 20 events were not delivered: .*ECONNREFUSED.*; channel\.dir .*: ENOTDIR/);
    assertBalanced(agent.stats());
  });
});

for (const channel of ['file', 'spillable'] as const)
  describe(`EmbeddedAgent, the next one, ${channel}`, () => {
    withSource(channel);

    it('reports what close() could not deliver as spooled, and the next agent delivers it', async () => {
      const lost = openAgent({ port: 1 });
      put(lost, 300);
      assert.deepEqual(await lost.close({ timeoutMs: 50 }), { delivered: 0, dropped: 0, queued: 0, spooled: 300 });
      assertBalanced(lost.stats());
      assert.deepEqual([lost.stats().queued, lost.stats().spooled], [{ events: 0, bytes: 0 }, 300]);

      const next = openAgent();
      put(next, 100, 300);
      await source.waitFor(400);
      await next.close();
      assertBalanced(next.stats());
      assert.deepEqual([next.stats().accepted, next.stats().recovered, next.stats().delivered], [100, 300, 400]);
      assert.deepEqual(received(), upTo(400));
      assert.deepEqual(fs.readdirSync(dir), []);
    });

    for (const way of ['flush', 'close'] as const) {
      it(`waits in ${way}() for its first look at what others left`, async () => {
        const lost = openAgent({ port: 1 });
        put(lost, 300);
        assert.equal((await lost.close({ timeoutMs: 20 })).spooled, 300);
        const next = openAgent();
        const { queued, delivered } = await next[way]();
        assert.deepEqual([delivered, queued], [300, 0]);
        await next.close();
        assert.deepEqual(received(), upTo(300));
      });
    }

    it('hands over to another agent on the same folder that was opened before the close', async () => {
      const old = openAgent({ port: 1 });
      put(old, 300);
      const young = openAgent();
      put(young, 100, 300);
      await old.close({ timeoutMs: 20 });
      await source.waitFor(400);
      await young.close();
      assert.deepEqual(received(), upTo(400));
    });

    it('shares a folder among living agents', async () => {
      const agents = Array.from({ length: 4 }, () => openAgent());
      for (const [index, agent] of agents.entries()) put(agent, 100, 100 * index);
      for (const agent of agents) assert.equal((await agent.close()).spooled, 0);
      assert.deepEqual(received(), upTo(400));
      assert.deepEqual(fs.readdirSync(dir), []);
    });

    it('survives faults of the agent without a loss', async () => {
      const agent = openAgent({ requestTimeoutMs: 100 });
      source.script(['ok', 'reset', 'failed', 'ok', 'stall', 'exception', 'ok', 'close']);
      put(agent, 1000);
      assert.equal((await agent.flush()).queued, 0);
      await agent.close();
      assert.deepEqual([...new Set(received())], upTo(1000));
      assertBalanced(agent.stats());
    });
  });
