// One thing costs only itself, over real sockets: an event that an agent refuses, dies of or never answers stops no other, and
// a link that breaks by chance costs no event.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { EmbeddedAgent } from '../../packages/core/src/embedded-agent.ts';
import type { DeliveryOptions } from '../../packages/core/src/options/delivery-options.ts';
import { type Call, type DevAgent, type Step, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { balance } from './balance.ts';
import { Chance } from './chance.ts';

const evil = 'EVIL';

interface Siege {
  readonly agent: EmbeddedAgent;
  readonly sources: readonly DevAgent[];
  /** Innocent events that were put. */
  readonly innocents: () => number;
  /** Puts others all the time until it is called. */
  readonly stop: () => void;
}

/** A stream of innocent events, and agents that answer by `answer`. */
async function besieged(
  answers: readonly ((call: Call) => Step)[],
  options: DeliveryOptions,
  use: (siege: Siege) => Promise<void>,
): Promise<void> {
  const sources = await Promise.all(answers.map(() => startDevAgent({ port: 0, keepEvents: 1_000_000 })));
  for (const [index, source] of sources.entries()) source.script(answers[index] as (call: Call) => Step);
  const agents = sources.map(({ port }) => `127.0.0.1:${port}`);
  const agent = new EmbeddedAgent({ agents, lingerMs: 0, requestTimeoutMs: 100, ...options });
  agent.on('warning', () => {});
  let count = 0;
  const put = (): void => {
    for (let burst = 0; burst < 10; burst++) if (agent.put({ body: `event ${count}` })) count += 1;
  };
  const feed = setInterval(put, 10);
  const stop = (): void => clearInterval(feed);
  try {
    await use({ agent, sources, innocents: () => count, stop });
    balance(agent.stats());
  } finally {
    stop();
    await agent.close({ timeoutMs: 0 });
    await Promise.all(sources.map((source) => source.close()));
  }
}

/** The innocent events that the agents have, each once. */
function arrived(sources: readonly DevAgent[]): number {
  const bodies = sources.flatMap(({ events }) => events.map(({ body }) => body.toString()));
  return new Set(bodies.filter((body) => body.startsWith('event '))).size;
}

const hasEvil = ({ events }: Call): boolean => events.some(({ body }) => body.toString().startsWith(evil));
const steps = ['exception', 'close', 'reset', 'stall', 'half-frame'] as const;

describe('an event that an agent cannot take', () => {
  for (const step of steps) {
    for (const agents of [1, 2]) {
      for (const processor of agents === 1 ? (['failover'] as const) : (['failover', 'load_balance'] as const)) {
        it(`stops no other and is poison in the end: ${step}, ${agents} agents, ${processor}`, async () => {
          const answer = (call: Call): Step => (hasEvil(call) ? step : 'ok');
          const options = { processor, channel: { capacity: 5_000 }, retry: { initialDelayMs: 5, maxDelayMs: 50 } };
          await besieged(Array(agents).fill(answer), options, async ({ agent, sources, innocents, stop }) => {
            for (let index = 0; index < 3; index++) agent.put({ body: `${evil} ${index}` });
            while (agent.stats().dropped.poison < 3) await once(agent, 'drop');
            stop();
            assert.deepEqual(await agent.flush(), { delivered: innocents(), dropped: 3, queued: 0 });
            assert.equal(arrived(sources), innocents());
          });
        });
      }
    }
  }

  it('is not given up where it is refused: others go on, and it waits', async () => {
    const answer = (call: Call): Step => (hasEvil(call) ? 'failed' : 'ok');
    await besieged([answer], { channel: { capacity: 2_000 } }, async ({ agent, sources, innocents, stop }) => {
      for (let index = 0; index < 3; index++) agent.put({ body: `${evil} ${index}` });
      while (innocents() < 3_000) await once(sources[0] as DevAgent, 'call');
      stop();
      while (agent.stats().delivered < innocents()) await once(sources[0] as DevAgent, 'call');
      assert.deepEqual(await agent.flush({ timeoutMs: 0 }), { delivered: innocents(), dropped: 0, queued: 3 });
    });
  });

  it('holds up the others for seconds only, where nine in a row are refused at once', {
    timeout: 40_000,
  }, async () => {
    const source = await startDevAgent({ port: 0 });
    source.script((call) => (hasEvil(call) ? 'failed' : 'ok'));
    // Each rest is as long as it may be: with the backoff alone a minute in all.
    const agent = new EmbeddedAgent({ port: source.port as number, lingerMs: 0 }, { random: () => 1 });
    for (let index = 0; index < 9; index++) agent.put({ body: `${evil} ${index}` });
    await once(agent, 'warning');
    agent.on('warning', () => {});
    for (let index = 0; index < 100; index++) agent.put({ body: `event ${index}` });
    while (agent.stats().delivered < 100) await once(source, 'call');
    assert.equal(arrived([source]), 100);
    await agent.close({ timeoutMs: 0 });
    await source.close();
  });

  it('goes to the agent that takes it', async () => {
    const refuses = (call: Call): Step => (hasEvil(call) ? 'failed' : 'ok');
    await besieged([refuses, () => 'ok'], {}, async ({ agent, sources, innocents, stop }) => {
      agent.put({ body: `${evil} 0` });
      while (sources[1]?.received === 0) await once(sources[1], 'call');
      stop();
      assert.deepEqual(await agent.flush(), { delivered: innocents() + 1, dropped: 0, queued: 0 });
    });
  });
});

describe('a link that breaks by chance', () => {
  for (const probability of [0.1, 0.3, 0.4, 0.5]) {
    for (const batchSize of [1, 100]) {
      it(`costs no event: ${probability} of the calls, batches of ${batchSize}`, async () => {
        const chance = new Chance(probability * 100);
        const answer = (): Step => (chance.is(probability) ? 'reset' : 'ok');
        const options = { batchSize, retry: { initialDelayMs: 5, maxDelayMs: 20 } };
        await besieged([answer], options, async ({ agent, sources, innocents, stop }) => {
          while (innocents() < 1_000) await once(sources[0] as DevAgent, 'call');
          stop();
          assert.deepEqual(await agent.flush({ timeoutMs: 60_000 }), { delivered: innocents(), dropped: 0, queued: 0 });
          assert.equal(arrived(sources), innocents());
        });
      });
    }
  }

  for (const probability of [0.3, 0.4]) {
    it(`lets most pass in time where retry is not given: ${probability} of the calls`, async () => {
      const chance = new Chance(probability * 100);
      const answer = (): Step => (chance.is(probability) ? 'reset' : 'ok');
      await besieged([answer], { lingerMs: 20 }, async ({ agent, sources, innocents }) => {
        while (innocents() < 6_000) await once(sources[0] as DevAgent, 'call');
        // A rest may be on just then; what it holds up passes after it.
        const isEnough = (): boolean => agent.stats().delivered >= 0.8 * innocents();
        while (!isEnough()) {
          assert.ok(innocents() < 12_000, `${agent.stats().delivered} of ${innocents()}`);
          await once(sources[0] as DevAgent, 'call');
        }
      });
    });
  }
});

describe('many events that expire at once', () => {
  it('are given up a few in each turn of the event loop, and each is a dead letter', async () => {
    let letters = 0;
    let mostInATurn = 0;
    let atTurn = 0;
    const dead = (): void => {
      letters += 1;
      mostInATurn = Math.max(mostInATurn, letters - atTurn);
    };
    const retry = { maxAgeMs: 200, initialDelayMs: 5, maxDelayMs: 10 };
    const agent = new EmbeddedAgent({ agents: '127.0.0.1:1', retry, deadLetter: dead, lingerMs: 0 });
    agent.on('warning', () => {});
    for (let index = 0; index < 100_000; index++) agent.put({ body: 'old' });
    while (agent.stats().dropped.expired < 100_000) {
      atTurn = letters;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(letters, 100_000);
    assert.ok(mostInATurn <= 100, `${mostInATurn} in a turn`);
    balance(agent.stats());
    await agent.close();
  });
});
