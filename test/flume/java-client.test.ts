// Flume's own Java client, of each version, can talk to our dev agent and to a real agent.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { startFlumeAgent } from './flume-agent.ts';
import { sendFromJava } from './java-client.ts';
import { createKeystore } from './keystore.ts';
import { flumeVersions } from './maven.ts';

for (const version of flumeVersions) {
  for (const protocol of ['compact', 'binary'] as const) {
    test(`Flume ${version}'s client, ${protocol}: its batches reach the dev agent whole and in order`, async (t) => {
      const agent = await startDevAgent({ port: 0, protocol });
      t.after(() => agent.close());
      const { host, port } = agent;
      const report = await sendFromJava({ version, host, port, protocol, count: 250, batchSize: 100, bodyBytes: 20 });
      assert.equal(report.sent, 250);
      assert.deepEqual(
        agent.calls.map(({ method, count }) => [method, count]),
        [
          ['appendBatch', 100],
          ['appendBatch', 100],
          ['appendBatch', 50],
        ],
      );
      const arrived = agent.events.map(({ headers, body }) => ({ headers: { ...headers }, body: body.toString() }));
      const expected = Array.from({ length: 250 }, (_, n) => ({
        headers: { n: `${n}`, client: 'java', unicode: 'é € 😀' },
        body: `event ${n}`.padEnd(20, '.'),
      }));
      assert.deepEqual(arrived, expected);
    });
  }

  test(`Flume ${version}'s client rejects when the dev agent answers FAILED`, async (t) => {
    const agent = await startDevAgent({ port: 0, transactionCapacity: 100 });
    t.after(() => agent.close());
    const { host, port } = agent;
    const sent = sendFromJava({ version, host, port, count: 101, batchSize: 101 });
    await assert.rejects(sent, /EventDeliveryException/);
    assert.equal(agent.received, 0);
  });

  test(`Flume ${version}'s client reaches the dev agent over TLS`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-keystore-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const keystore = createKeystore(folder);
    const tls = { pfx: readFileSync(keystore.file), passphrase: keystore.password };
    const agent = await startDevAgent({ port: 0, tls });
    t.after(() => agent.close());
    await sendFromJava({ version, host: agent.host, port: agent.port, count: 3, batchSize: 1, tls: keystore });
    assert.deepEqual(
      agent.calls.map(({ method }) => method),
      ['append', 'append', 'append'],
    );
  });
}

test("Flume's client reaches a real agent", async (t) => {
  const agent = await startFlumeAgent({ capacity: 1000 });
  t.after(() => agent.stop());
  await sendFromJava({ host: agent.host, port: agent.port, count: 250 });
  const { source } = await agent.metricsWhen(({ sink }) => sink.EventDrainSuccessCount === 250);
  assert.equal(source.AppendBatchAcceptedCount, 3);
  const lines = Array.from({ length: 250 }, (_, n) => `event ${n}\n`);
  assert.equal(agent.delivered().toString(), lines.join(''));
});
