// Byte sweep: the connection to the agent is cut, reset or stalled at every byte of two small requests and of their
// replies, and over TLS around the edges of every record. Everything arrives; a duplicate only where a whole request went
// out and its whole reply did not come back.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type DeliveryOptions, EmbeddedAgent } from '../../packages/core/src/index.ts';
import { leakCheck } from '../../packages/core/test/leak-check.ts';
import { type DevAgent, type DevAgentOptions, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { balance } from './balance.ts';
import { type ByteFault, ByteProxy, type Direction, type PassedBytes } from './byte-proxy.ts';
import { patienceMs, SweepClock } from './sweep-clock.ts';
import { recordEdges } from './tls-records.ts';

const hows = ['cut', 'reset', 'stall'] as const;
const directions = ['request', 'reply'] as const;
const batches = 2;
const eventsPerBatch = 2;
const concurrency = 8;
// One backoff and a little for the sockets; the rest is for a machine that has other things to do.
const longestMs = 5_000;

interface Case {
  readonly name: string;
  readonly fault: ByteFault | undefined;
}

interface Outcome {
  readonly passed: readonly PassedBytes[];
  readonly stored: number;
  readonly tookMs: number;
}

/** Sends four events in two batches through a proxy with this fault, and checks what came of them. */
async function deliver(source: DevAgent, id: number, one: Case, options: DeliveryOptions): Promise<Outcome> {
  const clock = new SweepClock();
  const proxy = await ByteProxy.start(source.port, one.fault, () => {
    if (one.fault?.how === 'stall') clock.stalled();
  });
  const agent = new EmbeddedAgent(
    {
      agents: { host: '127.0.0.1', port: proxy.port },
      batchSize: eventsPerBatch,
      requestTimeoutMs: patienceMs,
      connectTimeoutMs: patienceMs,
      retry: { initialDelayMs: 5, maxDelayMs: 20 },
      ...options,
    },
    { clock, dial: clock.dial },
  );
  agent.on('warning', () => {});
  const started = performance.now();
  const tag = `case ${String(id).padStart(6, '0')}`;
  for (let index = 0; index < batches * eventsPerBatch; index++) {
    agent.put({ headers: { tag }, body: String(index) });
    balance(agent.stats());
  }
  const report = await agent.flush({ timeoutMs: 30_000 });
  const tookMs = performance.now() - started;
  const stats = agent.stats();
  balance(stats);
  // Without what is said at the end, so that no fault waits for it.
  const passed = proxy.passed.map((connection) => ({ ...connection }));
  await agent.close();
  // All sockets, as seen from the other end: those of the agent do not keep the process alive, which hides them here.
  await proxy.close();

  const stored = source.events.filter(({ headers }) => headers.tag === tag).map(({ body }) => String(body));
  assert.deepEqual(report, { delivered: 4, dropped: 0, queued: 0 }, one.name);
  assert.deepEqual([...new Set(stored)].sort(), ['0', '1', '2', '3'], `${one.name}: something is missing`);
  assert.ok(tookMs < longestMs, `${one.name}: took ${tookMs.toFixed()} ms`);
  return { passed, stored: stored.length, tookMs };
}

async function sweep(source: DevAgent, cases: readonly Case[], options: DeliveryOptions, check: Check): Promise<void> {
  let next = 0;
  let duplicates = 0;
  const times: number[] = [];
  const worker = async (): Promise<void> => {
    for (let one = cases[next]; one !== undefined; one = cases[next]) {
      const id = next++;
      const outcome = await deliver(source, id, one, options);
      assert.equal(outcome.passed[0]?.broken, true, `${one.name}: the fault did not happen`);
      check(one, outcome);
      duplicates += outcome.stored - batches * eventsPerBatch;
      times.push(outcome.tookMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1] as number;
  console.log(
    `  ${cases.length} cases, 0 missing, ${duplicates} duplicates; a case took ${median.toFixed()} ms in the middle, ` +
      `${(times.at(-1) as number).toFixed()} ms at most`,
  );
}

type Check = (one: Case, outcome: Outcome) => void;

/** How many bytes each whole frame has. */
function wholeFrames(bytes: Buffer): number[] {
  const sizes: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = 4 + bytes.readInt32BE(at);
    at += size;
    if (at <= bytes.length) sizes.push(size);
  }
  return sizes;
}

async function withSource(options: DevAgentOptions, use: (source: DevAgent) => Promise<void>): Promise<void> {
  const source = await startDevAgent({ port: 0, keepEvents: Infinity, ...options });
  try {
    await use(source);
    // The last connections are noticed a turn later.
    while (source.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    await source.close();
  }
}

describe('byte sweep', { timeout: 150_000 }, () => {
  leakCheck();

  for (const protocol of ['compact', 'binary'] as const) {
    it(`plain, ${protocol}: every byte of two requests and their replies`, async () => {
      await withSource({ protocol }, async (source) => {
        const plain = await deliver(source, 999_999, { name: 'no fault', fault: undefined }, { protocol });
        assert.equal(plain.stored, 4);
        const [all] = plain.passed as [PassedBytes];
        const size = { request: all.request.length / batches, reply: all.reply.length / batches };
        const cases = directions.flatMap((direction) =>
          hows.flatMap((how) =>
            Array.from({ length: all[direction].length + 1 }, (_, at) => ({
              name: `${how} after ${at} of ${all[direction].length} bytes of the ${direction}`,
              fault: { how, direction, at: () => at },
            })),
          ),
        );
        await sweep(source, cases, { protocol }, ({ name, fault }, { passed, stored }) => {
          let unknown = 0;
          for (const { request, reply, broken } of passed) {
            // What a reset overtakes, the peer never reads.
            const replies = broken && fault?.how === 'reset' ? 0 : Math.floor(reply.length / size.reply);
            // A ping, which is smaller, stores nothing.
            unknown += wholeFrames(request).filter((bytes, index) => bytes >= size.request && index >= replies).length;
          }
          const duplicates = stored - batches * eventsPerBatch;
          assert.ok(duplicates <= unknown * eventsPerBatch, `${name}: ${duplicates} duplicates`);
        });
      });
    });
  }

  it('TLS: around the edges of every record, handshake included', async () => {
    const folder = path.join(import.meta.dirname, '../../packages/dev-agent/test');
    const cert = readFileSync(path.join(folder, 'localhost.cert.pem'));
    const key = readFileSync(path.join(folder, 'localhost.key.pem'));
    const options = { tls: { ca: cert } };
    await withSource({ tls: { key, cert } }, async (source) => {
      const plain = await deliver(source, 999_999, { name: 'no fault', fault: undefined }, options);
      assert.equal(plain.stored, 4);
      const [all] = plain.passed as [PassedBytes];
      const cases = directions.flatMap((direction) =>
        recordEdges(all[direction]).flatMap((_edge, record) => tlsCases(direction, record)),
      );
      await sweep(source, cases, options, ({ name }, { passed, stored }) => {
        // Which records hold a request is not for the eye: as many as could be were whole.
        const unknown = passed.filter(({ broken }) => broken).length * batches;
        assert.ok(stored - batches * eventsPerBatch <= unknown * eventsPerBatch, `${name}: ${stored} stored`);
      });
    });
  });
});

/** Before and behind the record's first byte, its header's last, its middle, its last byte. */
function tlsCases(direction: Direction, record: number): Case[] {
  const places: Record<string, (start: number, end: number) => number> = {
    'before record': (start) => start,
    'after 1 byte of record': (start) => start + 1,
    'after 4 bytes of record': (start) => start + 4,
    'after the header of record': (start) => start + 5,
    'in the middle of record': (start, end) => (start + end) >> 1,
    'before the last byte of record': (_start, end) => end - 1,
    'after record': (_start, end) => end,
  };
  return hows.flatMap((how) =>
    Object.entries(places).map(([place, position]) => ({
      name: `${how} ${place} ${record} of the ${direction}`,
      fault: {
        how,
        direction,
        at: (seen: Buffer) => {
          const edge = recordEdges(seen)[record];
          return edge && position(edge.start, edge.end);
        },
      },
    })),
  );
}
