// With a file channel: a transport that winston closes and opens again has the same folder twice for a while.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type DevAgent, startDevAgent } from 'flume-dev-agent';
import { ended, withLogger } from './flume-logger.ts';

const folder = (): string => fs.mkdtempSync(path.join(tmpdir(), 'winston-spool-'));
const received = (source: DevAgent): number[] =>
  source.events.map(({ headers }) => Number(headers.n)).sort((a, b) => a - b);

test('all arrives, though the transport is taken away and comes back, and nothing is left behind', async () => {
  const dir = folder();
  const transport = { channel: { type: 'file', dir, minFreeBytes: 0 } as const, headerFields: { n: 'n' } };
  await withLogger({ transport, source: { latencyMs: 20 } }, async ({ source, transport: flume, logger }) => {
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 100; n++) logger.info('x', { n: 100 * round + n });
      logger.remove(flume);
      logger.add(flume);
    }
    await source.waitFor(400);
    await flume.flush();
    await ended(flume);
    assert.deepEqual(received(source), [...Array(400).keys()]);
    const { accepted, recovered, delivered, spooled, dropped } = flume.stats();
    assert.equal(accepted + recovered, delivered + spooled);
    assert.equal(dropped.closed, 0);
    assert.deepEqual(fs.readdirSync(dir), []);
  });
  fs.rmSync(dir, { recursive: true });
});

test('what one transport could not deliver the next one on the folder does', async () => {
  const dir = folder();
  const transport = { channel: { type: 'file', dir, minFreeBytes: 0 } as const, headerFields: { n: 'n' } };
  await withLogger(
    { transport: { ...transport, port: 1, closeTimeoutMs: 50 } },
    async ({ transport: flume, logger }) => {
      logger.on('warn', () => {});
      for (let n = 0; n < 200; n++) logger.info('x', { n });
      await ended(flume);
      assert.deepEqual([flume.stats().spooled, flume.stats().queued.events], [200, 0]);
    },
  );
  await using source = await startDevAgent({ port: 0 });
  await withLogger({ transport: { ...transport, port: source.port as number } }, async ({ transport: flume }) => {
    await source.waitFor(200);
    // Its answers are on their way.
    await flume.flush();
  });
  assert.deepEqual(received(source), [...Array(200).keys()]);
  assert.deepEqual(fs.readdirSync(dir), []);
  fs.rmSync(dir, { recursive: true });
});
