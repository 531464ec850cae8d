import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, it } from 'node:test';
import { startDevAgent } from '../../../dev-agent/src/index.ts';
import { type DeliveryOptions, EmbeddedAgent, type FlumeDiagnostics } from '../../src/index.ts';
import { leakCheck } from '../leak-check.ts';

type Told = { [Name in keyof FlumeDiagnostics]: readonly [Name, FlumeDiagnostics[Name]] }[keyof FlumeDiagnostics];

const names = [
  'flume:open',
  'flume:close',
  'flume:batch:delivered',
  'flume:batch:failed',
  'flume:drop',
  'flume:agent:state',
] as const;

/** What is told while `use` runs with an agent. */
async function told(options: DeliveryOptions, use: (agent: EmbeddedAgent) => Promise<void>): Promise<Told[]> {
  const messages: Told[] = [];
  const listeners = names.map((name) => [name, (message: unknown) => messages.push([name, message] as Told)] as const);
  for (const [name, listener] of listeners) subscribe(name, listener);
  try {
    const agent = new EmbeddedAgent(options).on('warning', () => {});
    await use(agent);
    await agent.close();
    for (const [name, { source }] of messages) assert.equal(source, agent, name);
  } finally {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  }
  return messages;
}

function of<Name extends keyof FlumeDiagnostics>(messages: readonly Told[], name: Name): FlumeDiagnostics[Name][] {
  return messages.filter((message) => message[0] === name).map((message) => message[1] as FlumeDiagnostics[Name]);
}

describe('diagnostics channels', () => {
  leakCheck();

  it('tell of batches, from the construction to the close', async () => {
    await using source = await startDevAgent({ port: 0 });
    const messages = await told({ port: source.port, batchSize: 10 }, async (agent) => {
      for (let n = 0; n < 25; n++) agent.put({ body: 'x' });
      await agent.flush();
    });
    assert.equal(messages[0]?.[0], 'flume:open');
    assert.deepEqual(
      of(messages, 'flume:close').map(({ report }) => report),
      [{ delivered: 25, dropped: 0, queued: 0 }],
    );
    assert.equal(messages.at(-1)?.[0], 'flume:close');
    const batches = of(messages, 'flume:batch:delivered');
    assert.equal(
      batches.reduce((sum, { events }) => sum + events, 0),
      25,
    );
    for (const { agent, events, bytes, durationMs } of batches) {
      assert.equal(agent, `127.0.0.1:${source.port}`);
      assert.ok(bytes >= events && durationMs >= 0);
    }
    assert.equal(messages.length, batches.length + 2);
  });

  it('tell of failures, of the outage, and of losses', async () => {
    await using source = await startDevAgent({ port: 0 });
    source.script(['reset']);
    const options = { port: source.port, retry: { initialDelayMs: 1 }, channel: { capacity: 5 } };
    const messages = await told(options, async (agent) => {
      for (let n = 0; n < 7; n++) agent.put({ body: 'x' });
      await agent.flush();
    });
    const [failure] = of(messages, 'flume:batch:failed');
    assert.deepEqual([failure?.events, failure?.error.code], [5, 'ERR_FLUME_CONNECTION_LOST']);
    assert.deepEqual(
      of(messages, 'flume:drop').map(({ count, reason }) => [count, reason]),
      [
        [1, 'full'],
        [1, 'full'],
      ],
    );
    const [failing, recovered] = of(messages, 'flume:agent:state');
    assert.deepEqual(
      [failing?.state, failing?.error?.code, failing?.outageMs],
      ['failing', 'ERR_FLUME_CONNECTION_LOST', 0],
    );
    assert.deepEqual([recovered?.state, recovered?.error], ['recovered', undefined]);
    assert.ok(Number(recovered?.outageMs) > 0);
  });
});
