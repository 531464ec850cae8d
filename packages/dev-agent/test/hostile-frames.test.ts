// What a client may send on purpose or by mistake costs bounded memory and time, in every protocol.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { ProtocolName } from '../src/index.ts';
import { startDevAgent } from '../src/index.ts';
import { MessageCodec } from '../src/message.ts';
import { FramedReader, UnframedReader } from '../src/request-reader.ts';
import { expectNothingLeftOpen } from './left-open.ts';
import type { MutationReport } from './mutated-frames.ts';
import { encodeCall, frameOf, RawClient } from './raw-client.ts';

expectNothingLeftOpen();

const frameBytes = 16_384_000;
const protocols = ['compact', 'binary', 'json'] as const;

/** A call in compact: the head, and then `arguments`. */
function compact(method: string, ...args: (Uint8Array | string)[]): Buffer {
  const head = Buffer.from([0x82, 0x21, 1, method.length]);
  return Buffer.concat([head, Buffer.from(method), ...args.map((part) => Buffer.from(part as string, 'hex'))]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

const json = (args: string, method = 'append'): Buffer => Buffer.from(`[1,"${method}",1,1,${args}]`);
const tinyEvents = Math.floor((frameBytes - 40) / 5);
const tooMuch = /would take more than 128 MiB of memory/;
const wrongCount = /count is not that of its (elements|members)/;

/** The outcome is a text of an error, or the tag of what was read. */
const bombs: [what: string, protocol: ProtocolName, payload: () => Buffer, outcome: RegExp][] = [
  [
    'millions of empty events',
    'compact',
    () => compact('appendBatch', '19fc', varint(tinyEvents), Buffer.alloc(tinyEvents * 5, '1b00180000', 'hex'), '00'),
    tooMuch,
  ],
  [
    'millions of empty headers',
    'compact',
    () => compact('append', '1c1b', varint(5_000_000), '88', Buffer.alloc(10_000_000), '18000000'),
    tooMuch,
  ],
  [
    'a body of 16 MB without headers',
    'compact',
    () => compact('append', '1c28', varint(16_000_000), Buffer.alloc(16_000_000), '0000'),
    /^refused Required field 'headers'/,
  ],
  ['a list of 2^31-1 events', 'compact', () => compact('appendBatch', '19fcffffffff07'), /Underrun/],
  ['a list of 2^31-1 events', 'binary', () => binary('appendBatch', '0f00010c7fffffff'), /Underrun/],
  ['a map of 2^31-1 headers', 'binary', () => binary('append', '0c00010d00010b0b7fffffff'), /Underrun/],
  ['a set of 2^31-1 in an unknown field', 'binary', () => binary('append', '0e0009037fffffff'), /Underrun/],
  ['a list of 2^31-1 events', 'json', () => json('{"1":{"lst":["rec",2147483647,{}]}}', 'appendBatch'), wrongCount],
  [
    'a map of 2^31-1 headers',
    'json',
    () => json('{"1":{"rec":{"1":{"map":["str","str",2147483647,{}]}}}}'),
    wrongCount,
  ],
  ['a list of -1 events', 'json', () => json('{"1":{"lst":["rec",-1]}}', 'appendBatch'), wrongCount],
  [
    'a set of 2^31-1 in an unknown field',
    'json',
    () => json('{"9":{"set":["rec",2147483647,{}]}}'),
    /^refused Internal/,
  ],
  [
    'a map of 2^31-1 for an unknown method',
    'json',
    () => json('{"9":{"map":["i8","i8",2147483647,{}]}}', 'no'),
    /^refused/,
  ],
  ['millions of arrays', 'json', () => json(`{"9":{"lst":["i8",1${',[]'.repeat(5_000_000)}]}}`), tooMuch],
  ['millions of brackets', 'json', () => Buffer.from('['.repeat(8_000_000) + ']'.repeat(8_000_000)), tooMuch],
  ['a million of brackets', 'json', () => json('['.repeat(900_000) + ']'.repeat(900_000)), /no struct/],
  [
    'a million of headers',
    'json',
    () => json(`{"1":{"rec":{"1":{"map":["str","str",1000000,{${members(1_000_000)}}]}}}}`),
    tooMuch,
  ],
  [
    'a body of 16 MB, letter by letter',
    'json',
    () => json(`{"1":{"rec":{"1":{"map":["str","str",0,{}]},"2":{"str":"${'A'.repeat(16_000_000)}"}}}}`),
    /^call/,
  ],
  [
    'a value of 16 MB of control characters',
    'json',
    () => json(`{"1":{"rec":{"1":{"map":["str","str",1,{"a":"${'\u0001'.repeat(16_000_000)}"}]},"2":{"str":""}}}}`),
    /^call/,
  ],
];

function binary(method: string, args: string): Buffer {
  const head = Buffer.concat([
    Buffer.from([0x80, 1, 0, 1]),
    Buffer.from([0, 0, 0, method.length]),
    Buffer.from(method),
  ]);
  return Buffer.concat([head, Buffer.from([0, 0, 0, 1]), Buffer.from(args, 'hex')]);
}

const members = (count: number): string => Array.from({ length: count }, (_, n) => `"${n.toString(36)}":""`).join(',');

describe('hostile frames', () => {
  for (const [what, protocol, payload, outcome] of bombs) {
    it(`${protocol}: ${what}`, () => {
      const reader = new FramedReader(new MessageCodec(protocol));
      reader.push(frameOf(payload()));
      const before = process.memoryUsage().heapUsed;
      // Of the processor, since others may run here too. Before there were bounds, some of these took 20 s and 3 GB.
      const start = process.cpuUsage();
      assert.match(read(reader), outcome);
      const { user, system } = process.cpuUsage(start);
      assert.ok(user + system < 8_000_000, `${user + system} µs`);
      const megabytes = (process.memoryUsage().heapUsed - before) / 1e6;
      assert.ok(megabytes < 300, `${megabytes} MB`);
    });
  }

  for (const protocol of protocols) {
    it(`${protocol}: 100,000 mutated frames, in a process that may take 128 MB`, async () => {
      const program = path.join(import.meta.dirname, 'mutated-frames.ts');
      const flags = ['--max-old-space-size=128', '--import', 'tsx', program, protocol, '100000', '20'];
      const { stdout } = await promisify(execFile)(process.execPath, flags);
      const report = JSON.parse(stdout) as MutationReport;
      assert.equal(report.read + report.refused + report.closed, 100_000);
      // Mutations that are all alike would test nothing.
      assert.ok(report.read > 1_000 && report.closed > 1_000, JSON.stringify(report));
      assert.ok(report.slowestMs < 1_000, `${report.slowestMs} ms for one frame`);
    });
  }
});

/** The tag of a request and what is said in it, or the error. */
function read(reader: FramedReader): string {
  try {
    const request = reader.next();
    return request?.tag === 'refused' ? `refused ${request.exception.message}` : String(request?.tag);
  } catch (error) {
    return String(error);
  }
}

describe('bounds of connections', () => {
  for (const protocol of protocols) {
    it(`${protocol}: half a request is closed after requestTimeoutMs, and silence between two is not`, async () => {
      await using agent = await startDevAgent({ port: 0, protocol, requestTimeoutMs: 40 });
      const [half, quiet] = await Promise.all([
        RawClient.connect({ port: agent.port }, protocol),
        RawClient.connect({ port: agent.port }, protocol),
      ]);
      const call = encodeCall({ headers: {}, body: 'x' }, 1, protocol);
      quiet.send(call);
      assert.equal((await quiet.reply()).status, 0);
      const gone = once(agent, 'disconnect', { signal: AbortSignal.timeout(10_000) });
      half.send(call.subarray(0, -1));
      assert.equal((await gone)[1], 'silent in the middle of a request for 40 ms');
      assert.equal((await half.closed()).how, 'fin');
      quiet.send(call);
      assert.equal((await quiet.reply()).status, 0);
      await Promise.all([half.destroy(), quiet.destroy()]);
    });
  }

  it('half frames of all connections together stay within 256 MiB', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const reasons: string[] = [];
    agent.on('disconnect', (_, reason) => reasons.push(reason));
    const clients: RawClient[] = [];
    const half = Buffer.concat([Buffer.from([0, 0xfa, 0, 0]), Buffer.alloc(16_000_000)]);
    for (let n = 0; n < 20; n++) {
      const client = await RawClient.connect({ port: agent.port });
      clients.push(client);
      client.socket.write(half);
    }
    while (reasons.length < 3) await once(agent, 'disconnect');
    assert.match(String(reasons[0]), /^all connections together hold more than 268435456 bytes of requests$/);
    assert.equal(agent.connections, 17);
    await Promise.all(clients.map((client) => client.destroy()));
  });

  it('unframed: a message that comes in many pieces is not read anew with each', () => {
    let decoded = 0;
    const codec = new MessageCodec('compact');
    const counted = { decode: (bytes: Buffer) => (decoded++, codec.decode(bytes)) } as MessageCodec;
    // Each attempt takes 10 ms on this clock, each piece 1 ms.
    let now = 0;
    const reader = new UnframedReader(counted, () => (now += 5));
    const call = encodeCall({ headers: {}, body: Buffer.alloc(100_000) }).subarray(4);
    for (let from = 0; from < call.length; from += 100) {
      now += 1;
      reader.push(call.subarray(from, from + 100));
      if (from + 100 < call.length) assert.equal(reader.next(), undefined);
    }
    now += reader.pauseMs;
    while (reader.pauseMs > 0) now += 1;
    assert.equal(reader.next()?.tag, 'call');
    assert.ok(decoded < 700, `${decoded} attempts for 1,000 pieces`);
  });
});

describe('bounds of what is kept', () => {
  it('keepEvents: 0 keeps no event', async () => {
    await using agent = await startDevAgent({ port: 0, keepEvents: 0 });
    const client = await RawClient.connect({ port: agent.port });
    client.send(encodeCall([{ headers: {}, body: Buffer.alloc(1_000) }]));
    await agent.waitFor(1);
    assert.deepEqual([agent.events, agent.calls], [[], []]);
    assert.deepEqual(agent.drain(), []);
    await client.destroy();
  });

  it('keepBytes bounds the events by the memory that they take', async () => {
    await using agent = await startDevAgent({ port: 0, keepBytes: 10_000 });
    const client = await RawClient.connect({ port: agent.port });
    const event = (n: number): { headers: Record<string, string>; body: Buffer } => {
      return { headers: { n: String(n) }, body: Buffer.alloc(1_000) };
    };
    client.send(encodeCall(Array.from({ length: 20 }, (_, n) => event(n))));
    await agent.waitFor(20);
    const kept = agent.events.map(({ headers }) => Number(headers.n));
    assert.deepEqual(kept, [13, 14, 15, 16, 17, 18, 19]);
    assert.equal(agent.received, 20);
    client.send(encodeCall({ headers: {}, body: Buffer.alloc(20_000) }));
    await agent.waitFor(21);
    assert.deepEqual(agent.events, []);
    await client.destroy();
  });

  it('a small event does not keep the large frame that it came in', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const client = await RawClient.connect({ port: agent.port });
    // Field 9 of the arguments, a string, and then field 1, the event.
    const unknown = ['98', varint(1_000_000), Buffer.alloc(1_000_000)];
    client.send(frameOf(compact('append', ...unknown, '0c021b00180178', '0000')));
    assert.equal((await client.reply()).status, 0);
    for (const { body } of agent.events) assert.ok(body.buffer.byteLength < 65_536, `${body.buffer.byteLength} bytes`);
    assert.equal(String(agent.events[0]?.body), 'x');
    await client.destroy();
  });
});
