// What an application logs with winston and with pino comes out of a real Flume agent as it went in: child process →
// Thrift source → memory channel → Flume's Thrift sink → our dev agent, compared byte by byte and in order.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { EmbeddedAgent } from 'flume-thrift-client';
import { type Chain, startChain } from './chain.ts';
import { type FlumeAgent, startFlumeAgent } from './flume-agent.ts';
import type { FlumeVersion } from './maven.ts';
import { runProgram } from './program.ts';
import { headerFields, longText, type RecordFields, records, samples, scripts } from './records.ts';
import type { Protocol } from './thrift-calls.ts';

interface PlainEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const headers = { app: 'checkout', ünïcödé: '価値' };

const runs: readonly (readonly [FlumeVersion, Protocol, number])[] = [
  ['1.11.0', 'compact', 10_000],
  ['1.11.0', 'binary', 10_000],
  ['1.9.0', 'compact', 500],
  ['1.7.0', 'binary', 500],
];

for (const [version, protocol, count] of runs) {
  describe(`Flume ${version}, ${protocol}`, () => {
    let chain: Chain;
    let sent = 0;
    before(async () => {
      chain = await startChain({ version, protocol, capacity: 20_000, transactionCapacity: 1_000 });
    });
    after(() => chain?.stop());

    async function arrived(count: number): Promise<readonly PlainEvent[]> {
      sent += count;
      return chain.take(count);
    }

    const agents = () => `${chain.agent.host}:${chain.agent.port}`;

    test(`winston: ${count} records and all kinds of text arrive as the lines that were logged, in order`, async () => {
      const options = { agents: agents(), protocol, headers, headerFields };
      const { lines, stdout } = await runProgram('winston', options, records(count));
      const expected = lines.map((line) => ({ headers: winstonHeaders(line), body: Buffer.from(line) }));
      assert.equal(expected.length, samples.length + count);
      assert.deepEqual(JSON.parse(stdout), { delivered: samples.length + count, dropped: 0, queued: 0 });
      assertSame(await arrived(samples.length + count), expected);
    });

    test('winston: messages arrive as they are, an empty one too', async () => {
      const options = { agents: agents(), protocol, headers, headerFields, body: 'message' };
      const { lines } = await runProgram('winston', options, samples);
      const expected = lines.map((line) => ({
        headers: winstonHeaders(line),
        body: Buffer.from((JSON.parse(line) as { message: string }).message),
      }));
      assert.equal(expected.filter(({ body }) => body.length === 0).length, 1);
      assertSame(await arrived(samples.length), expected);
    });

    test(`pino: ${count} records and all kinds of text arrive as the lines that were logged, in order`, async () => {
      const options = { agents: agents(), protocol, headers, headerFields };
      const { lines } = await runProgram('pino', options, records(count));
      const expected = lines.map((line) => ({ headers: pinoHeaders(line), body: Buffer.from(line) }));
      assert.equal(expected.length, samples.length + count);
      assertSame(await arrived(samples.length + count), expected);
    });

    test(`EmbeddedAgent: ${count} events and all kinds of bytes arrive as they were put, in order`, async () => {
      const events = eventsOfAllKinds(count);
      const client = new EmbeddedAgent({ agents: agents(), protocol });
      for (const event of events) assert.ok(client.put(event));
      assert.deepEqual(await client.close(), { delivered: events.length, dropped: 0, queued: 0 });
      assertSame(await arrived(events.length), events);
    });

    test('the agent counted each event once, in and out', async () => {
      // The sink counts a batch only when it has the answer, and thus after the events were seen here.
      const { source, sink } = await chain.agent.metricsWhen(({ sink }) => sink.EventDrainSuccessCount === sent);
      assert.equal(source.EventAcceptedCount, sent);
      assert.equal(source.EventReceivedCount, sent);
      assert.equal(sink.EventDrainSuccessCount, sent);
    });
  });
}

describe('Flume 1.11.0 writes a file', () => {
  let agent: FlumeAgent;
  before(async () => {
    agent = await startFlumeAgent({ capacity: 20_000, transactionCapacity: 1_000, sink: { type: 'file_roll' } });
  });
  after(() => agent?.stop());

  test('of the lines that winston and pino logged, and counts them', async () => {
    const lines: string[] = [];
    for (const logger of ['winston', 'pino'] as const) {
      const logged = await runProgram(logger, { host: agent.host, port: agent.port }, records(2_000));
      lines.push(...logged.lines);
      // Both say that they are done when the agent has accepted all.
      const { source } = await agent.metrics();
      assert.equal(source.EventAcceptedCount, lines.length);
    }
    await agent.metricsWhen(({ sink }) => sink.EventDrainSuccessCount === lines.length);
    assert.ok(agent.delivered().equals(Buffer.from(lines.map((line) => `${line}\n`).join(''))));
  });
});

/** Events whose bytes differ in kind from what loggers send, then numbered ones. */
function eventsOfAllKinds(count: number): PlainEvent[] {
  const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);
  return [
    { headers: {}, body: new Uint8Array() },
    { headers: { '': '' }, body: everyByte },
    ...scripts.map((text) => ({ headers: { [text]: text, plain: text }, body: Buffer.from(text) })),
    // More than 127 headers: their number takes two bytes in the compact protocol.
    { headers: Object.fromEntries(scripts.flatMap((_, n) => numbered(`${n} `, 25))), body: Buffer.from('200 headers') },
    { headers: { long: longText(70_000) }, body: Buffer.from('long header') },
    // Over one and two bytes of a varint, up and down.
    ...[127, 128, 16_383, 16_384].map((length) => ({ headers: {}, body: Buffer.alloc(length, 'x') })),
    { headers: { size: '1 MB' }, body: Buffer.alloc(1_000_000, everyByte) },
    ...Array.from({ length: count }, (_, n) => ({ headers: { n: `${n}` }, body: Buffer.from(`number ${n} ж`) })),
  ];
}

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => [`${prefix}${n}`, `${n}`] as const);

/** What the user's options and the preset make of a line that winston wrote. */
function winstonHeaders(line: string): PlainEvent['headers'] {
  const record = JSON.parse(line) as RecordFields & { timestamp: string; level: string; logger: string };
  const { timestamp, level, logger } = record;
  return recordHeaders(record, { timestamp: `${Date.parse(timestamp)}`, level, logger });
}

/** The same of pino, whose line has the level as a number. */
function pinoHeaders(line: string): PlainEvent['headers'] {
  const record = JSON.parse(line) as RecordFields & { time: number; level: number; name: string };
  const level = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' }[record.level] ?? '';
  return recordHeaders(record, { timestamp: `${record.time}`, level, logger: record.name });
}

function recordHeaders({ text, deep, n }: RecordFields, preset: PlainEvent['headers']): PlainEvent['headers'] {
  return {
    host: hostname(),
    ...preset,
    ...(text !== undefined && { text: safe(text) }),
    ...(deep !== undefined && { ключ: safe(deep.値) }),
    ...(n !== undefined && { n: `${n}` }),
    ...headers,
  };
}

/** A line end in a header would end a line of what Flume's `header_and_text` serializer writes. */
const safe = (value: string): string => value.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');

/** As deepEqual, without a difference of many megabytes to print. */
function assertSame(actual: readonly PlainEvent[], expected: readonly PlainEvent[]): void {
  assert.equal(actual.length, expected.length);
  for (const [index, event] of actual.entries()) {
    const { headers, body } = expected[index] as PlainEvent;
    assert.deepEqual({ ...event.headers }, { ...headers }, `headers of event ${index}`);
    if (Buffer.compare(event.body, body) !== 0) assert.equal(excerpt(event.body), excerpt(body), `body of ${index}`);
  }
}

const excerpt = (body: Uint8Array) => `${body.length} bytes: ${Buffer.from(body).toString('latin1').slice(0, 300)}`;
