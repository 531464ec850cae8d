// What the simulation has found, each alone, so that it stays found.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EmbeddedAgent } from '../../packages/core/src/embedded-agent.ts';
import type { DeliveryOptions } from '../../packages/core/src/options/delivery-options.ts';
import type { Socket } from '../../packages/core/src/rpc/socket.ts';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';

const quick = { initialDelayMs: 1, maxDelayMs: 5 };

/** Agents that answer with an exception to every batch that has one of these bodies. */
async function withPoison(
  poison: readonly string[],
  count: number,
  options: DeliveryOptions,
  use: (agent: EmbeddedAgent, sources: readonly DevAgent[]) => Promise<void>,
): Promise<void> {
  const sources = await Promise.all(Array.from({ length: count }, () => startDevAgent({ port: 0 })));
  for (const source of sources) {
    source.script(({ events }) => (events.some(({ body }) => poison.includes(body.toString())) ? 'exception' : 'ok'));
  }
  const agents = sources.map(({ port }) => `127.0.0.1:${port}`);
  const agent = new EmbeddedAgent({ agents, batchSize: 5, lingerMs: 0, retry: quick, ...options });
  agent.on('warning', () => {});
  try {
    await use(agent, sources);
  } finally {
    await agent.close({ timeoutMs: 0 });
    await Promise.all(sources.map((source) => source.close()));
  }
}

// Poison that is left alone stays: whether it is dropped depends on how many others pass in time.
const put = (agent: EmbeddedAgent, count: number): void => {
  for (let index = 0; index < count; index++) agent.put({ body: `body ${index}` });
};

describe('found by simulation', () => {
  it('several poison events do not block those behind them', async () => {
    await withPoison(['body 2', 'body 3', 'body 4'], 1, {}, async (agent) => {
      put(agent, 40);
      assert.equal((await agent.flush({ timeoutMs: 2_000 })).delivered, 37);
    });
  });

  it('an event that is set aside has all of its attempts, which are counted as they were', async () => {
    await withPoison(['body 0'], 1, { retry: { ...quick, maxAttempts: 6 } }, async (agent, [source]) => {
      put(agent, 1);
      assert.deepEqual(await agent.flush(), { delivered: 0, dropped: 1, queued: 0 });
      assert.equal(source?.calls.filter(({ count }) => count > 0).length, 6);
      assert.equal(agent.stats().retried, 5);
    });
  });

  it('an event that is set aside expires like any other', async () => {
    await withPoison(['body 0'], 1, { retry: { ...quick, maxAgeMs: 200 } }, async (agent) => {
      put(agent, 1);
      assert.deepEqual(await agent.flush(), { delivered: 0, dropped: 1, queued: 0 });
      assert.equal(agent.stats().dropped.expired, 1);
    });
  });

  it('flush() and ready() end with close()', async () => {
    const source = await startDevAgent({ port: 0 });
    await source.close();
    const agent = new EmbeddedAgent({ port: source.port as number });
    agent.on('warning', () => {});
    put(agent, 1);
    const waits = [
      agent.flush({ timeoutMs: 60_000 }).then(({ queued }) => queued),
      agent.ready({ timeoutMs: 60_000 }).catch((error) => error.code),
    ];
    await agent.close({ timeoutMs: 10 });
    assert.deepEqual(await Promise.all(waits), [1, 'ERR_FLUME_CLOSED']);
    assert.equal((await agent.flush({ timeoutMs: 60_000 })).queued, 1);
  });

  it('connections that close before they were asked anything do not become a loop', async () => {
    let dialled = 0;
    const dial = (): Socket => {
      dialled += 1;
      const listeners = new Map<string, () => void>();
      setTimeout(() => {
        listeners.get('connect')?.();
        listeners.get('end')?.();
      });
      const nothing = (): void => {};
      return {
        on: (event: string, listener: (argument: never) => void) => listeners.set(event, listener as () => void),
        write: nothing,
        cork: nothing,
        uncork: nothing,
        destroy: nothing,
        unref: nothing,
      };
    };
    const options = { lingerMs: 0, retry: { initialDelayMs: 20, maxDelayMs: 1_000 } };
    const agent = new EmbeddedAgent(options, { dial, random: () => 0.5 });
    agent.on('warning', () => {});
    put(agent, 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await agent.close({ timeoutMs: 0 });
    assert.ok(dialled > 1 && dialled < 12, `${dialled} connections within 300 ms`);
  });
});
