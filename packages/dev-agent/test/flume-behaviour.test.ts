// What a real Flume source does with odd input, byte by byte.
//
//   compact call   := 82 21 seqid(varint) length name, arguments
//   append args    := 1c event 00
//   appendBatch    := 19 (count << 4 | c) event* 00          count < 15
//   event          := 1b count [88 (length key length value)*] 18 length body 00
//   compact reply  := 82 41 seqid length name 05 00 status(zigzag) 00
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { DevAgent, DevAgentOptions } from '../src/index.ts';
import { startDevAgent } from '../src/index.ts';
import { expectNothingLeftOpen } from './left-open.ts';
import { encodeCall, frameOf, RawClient } from './raw-client.ts';

expectNothingLeftOpen();

const hello = { headers: { a: 'hello' }, body: Buffer.from('world') };
const event = `1b018801${text('a')}05${text('hello')}1805${text('world')}00`;
const append = (args: string, seqid = '01'): Buffer => compact('append', args, seqid);
const helloCall = append(`1c${event}00`);

function text(value: string): string {
  return Buffer.from(value).toString('hex');
}

/** A framed compact call. */
function compact(method: string, args: string, seqid = '01', head = '8221'): Buffer {
  const length = Buffer.byteLength(method).toString(16).padStart(2, '0');
  return frameOf(Buffer.from(`${head}${seqid}${length}${text(method)}${args}`, 'hex'));
}

async function pair(t: TestContext, options: DevAgentOptions = {}): Promise<{ agent: DevAgent; client: RawClient }> {
  const agent = await startDevAgent({ port: 0, ...options });
  const client = await RawClient.connect({ port: agent.port }, options.protocol);
  t.after(async () => {
    await client.destroy();
    await agent.close();
  });
  return { agent, client };
}

/** Sends, and expects a close without a reply; returns the agent's reason. */
async function closedBy(t: TestContext, bytes: Uint8Array, options?: DevAgentOptions): Promise<string> {
  const { agent, client } = await pair(t, options);
  const gone = once(agent, 'disconnect');
  client.send(bytes);
  assert.equal((await client.closed()).bytes.length, 0);
  assert.equal(agent.received, 0);
  assert.equal(agent.callsTotal, 0);
  return (await gone)[1];
}

describe('a call as a real source answers it', () => {
  it('the bytes of a call and of its reply', async (t) => {
    const { agent, client } = await pair(t);
    assert.deepEqual(encodeCall(hello), helloCall);
    client.send(helloCall);
    assert.equal((await client.frame()).toString('hex'), `824101${'06'}${text('append')}05000000`);
    agent.script(['failed']);
    client.send(helloCall);
    assert.equal((await client.frame()).toString('hex'), `824101${'06'}${text('append')}05000200`);
    assert.deepEqual(agent.events, [hello]);
  });

  it('the bytes of an exception', async (t) => {
    const { client } = await pair(t);
    client.send(compact('x', '00'));
    const message = "Invalid method name: 'x'";
    // 18 length message: field 1, string; 15 02: field 2, i32 1.
    const expected = `82610101${text('x')}18${message.length.toString(16)}${text(message)}150200`;
    assert.equal((await client.frame()).toString('hex'), expected);
  });

  it('seqid is echoed: 0, 2^31-1, negative', async (t) => {
    const { agent, client } = await pair(t);
    for (const seqid of ['00', 'ffffffff07', 'ffffffff0f']) {
      client.send(append(`1c${event}00`, seqid));
      assert.equal((await client.frame()).toString('hex'), `8241${seqid}06${text('append')}05000000`);
    }
    assert.deepEqual(
      agent.calls.map(({ seqid }) => seqid),
      [0, 2 ** 31 - 1, -1],
    );
  });

  it('ONEWAY is answered with REPLY', async (t) => {
    const { agent, client } = await pair(t);
    client.send(compact('append', `1c${event}00`, '01', '8281'));
    assert.deepEqual(await client.reply(), { method: 'append', seqid: 1, type: 2, status: 0 });
    assert.equal(agent.received, 1);
  });

  it('an empty batch is OK and stores nothing', async (t) => {
    const { agent, client } = await pair(t, { transactionCapacity: 1, capacity: 1 });
    client.send(helloCall, encodeCall([], 2));
    assert.equal((await client.reply()).status, 0);
    assert.deepEqual(await client.reply(), { method: 'appendBatch', seqid: 2, type: 2, status: 0 });
    assert.equal(agent.received, 1);
    assert.equal(agent.calls[1]?.count, 0);
  });

  it('calls in one write are answered in order, whatever the packets', async (t) => {
    const { agent, client } = await pair(t);
    const calls = Buffer.concat(['01', '02', '03', '04', '05'].map((seqid) => append(`1c${event}00`, seqid)));
    client.send(calls);
    for (let seqid = 1; seqid <= 5; seqid++) assert.equal((await client.reply()).seqid, seqid);
    client.socket.setNoDelay();
    for (const byte of calls) {
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let seqid = 1; seqid <= 5; seqid++) assert.equal((await client.reply()).seqid, seqid);
    assert.deepEqual(agent.events, Array(10).fill(hello));
  });

  it('an unknown method is refused, and the connection stays usable', async (t) => {
    const { agent, client } = await pair(t);
    client.send(compact('appendAll', `19${'1c'}${event}00`), helloCall);
    const { type, error } = await client.reply();
    assert.deepEqual({ type, error }, { type: 3, error: { type: 1, message: "Invalid method name: 'appendAll'" } });
    assert.equal((await client.reply()).status, 0);
    assert.equal(agent.received, 1);
  });

  for (const [what, call, message] of [
    [
      'body',
      append('1c1b00' + '0000'),
      "Required field 'body' was not present! Struct: ThriftFlumeEvent(headers:{}, body:null)",
    ],
    [
      'headers',
      append('1c28026869' + '0000'),
      "Required field 'headers' was not present! Struct: ThriftFlumeEvent(headers:null, body:68 69)",
    ],
    [
      'body of the second event',
      compact('appendBatch', `192c${event}1b000000`),
      "Required field 'body' was not present! Struct: ThriftFlumeEvent(headers:{}, body:null)",
    ],
  ] as const) {
    it(`an event without its ${what} is refused, and the next request is met with close`, async (t) => {
      const { agent, client } = await pair(t);
      const gone = once(agent, 'disconnect');
      client.send(call);
      const { type, error } = await client.reply();
      assert.deepEqual({ type, error }, { type: 3, error: { type: 7, message } });
      assert.equal(agent.connections, 1);
      client.send(helloCall);
      assert.equal((await client.closed()).bytes.length, 0);
      assert.match((await gone)[1], /read in part only: Required field/);
      assert.equal(agent.received, 0);
    });
  }

  it('arguments without an event are an internal error, and the connection stays usable', async (t) => {
    const { agent, client } = await pair(t);
    client.send(append('00'), compact('appendBatch', '00'), helloCall);
    assert.deepEqual((await client.reply()).error, { type: 6, message: 'Internal error processing append' });
    assert.deepEqual((await client.reply()).error, { type: 6, message: 'Internal error processing appendBatch' });
    assert.equal((await client.reply()).status, 0);
    assert.equal(agent.received, 1);
  });

  it('unknown fields are skipped, of double keys the last wins, bad UTF-8 is replaced', async (t) => {
    const { agent, client } = await pair(t);
    // 15 02: field 3 of the event, i32 1.
    const odd = `1b038801${text('a')}01${text('1')}01${text('a')}01${text('2')}01${text('b')}01ff1801${text('x')}150200`;
    client.send(append(`1c${odd}00`));
    assert.equal((await client.reply()).status, 0);
    assert.deepEqual(agent.events, [{ headers: { a: '2', b: '\ufffd' }, body: Buffer.from('x') }]);
  });

  it('bytes behind a message: answered, and the next request is met with close', async (t) => {
    const { agent, client } = await pair(t);
    client.send(frameOf(Buffer.concat([helloCall.subarray(4), Buffer.from([1, 2])])));
    assert.equal((await client.reply()).status, 0);
    client.send(helloCall);
    assert.equal((await client.closed()).bytes.length, 0);
    assert.equal(agent.received, 1);
  });

  it('a frame of 16,384,000 bytes is stored; one more is read and met with close', async (t) => {
    const size = 16_384_000;
    const { agent, client } = await pair(t);
    const largest = encodeCall({ headers: {}, body: Buffer.alloc(size - 20) });
    assert.equal(largest.length, size + 4);
    client.send(largest);
    assert.equal((await client.reply()).status, 0);
    const gone = once(agent, 'disconnect');
    client.send(encodeCall({ headers: {}, body: Buffer.alloc(size - 19) }));
    const { how, bytes } = await client.closed();
    assert.deepEqual({ how, bytes: bytes.length }, { how: 'fin', bytes: 0 });
    assert.equal((await gone)[1], 'a frame of 16384001 bytes is larger than 16384000');
    assert.equal(agent.received, 1);
  });

  for (const [what, bytes, reason] of [
    ['a length of 0', Buffer.alloc(4), /a frame of 0 bytes; is the client framed/],
    [
      'a negative length, as unframed compact has',
      helloCall.subarray(4),
      /a frame of -\d+ bytes; is the client framed/,
    ],
    ['a length above 256 MiB', Buffer.from('10000001', 'hex'), /a frame of 268435457 bytes/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /a frame of 1195725856 bytes/],
    ['binary', encodeCall(hello, 1, 'binary'), /Bad protocol/],
    ['JSON', encodeCall(hello, 1, 'json'), /Bad protocol/],
    ['a list that claims 2^31-1 events', compact('appendBatch', `19fcffffffff07${event}00`), /Underrun/i],
    ['a map that claims 2^31-1 headers', append(`1c1bffffffff07880161`), /Underrun/i],
    ['a body that claims 2^31-1 bytes', append('1c1b0018ffffffff07'), /Underrun/i],
    ['a message that breaks off', frameOf(helloCall.subarray(4, 20)), /Underrun/i],
  ] as const) {
    it(`closes without a reply: ${what}`, async (t) => {
      assert.match(await closedBy(t, bytes), reason);
    });
  }

  it('closes without a reply: compact on a binary source', async (t) => {
    assert.match(await closedBy(t, helloCall, { protocol: 'binary' }), /Bad version/);
  });

  it('closes without a reply: JSON with a number for a string', async (t) => {
    const json = encodeCall(hello, 1, 'json').subarray(4).toString().replace('"hello"', '5');
    assert.match(await closedBy(t, frameOf(Buffer.from(json)), { protocol: 'json' }), /no string where one should be/);
  });

  it('binary without a version is accepted', async (t) => {
    const { agent, client } = await pair(t, { protocol: 'binary' });
    const strict = encodeCall(hello, 1, 'binary').subarray(4);
    // strict := 80 01 00 type, length, name, seqid, …; old := length, name, type, seqid, …
    const old = Buffer.concat([strict.subarray(4, 14), Buffer.from([1]), strict.subarray(14)]);
    client.send(frameOf(old));
    assert.deepEqual(await client.reply(), { method: 'append', seqid: 1, type: 2, status: 0 });
    assert.deepEqual(agent.events, [hello]);
  });

  it('a client that sends and leaves is stored; one that only stops sending is answered too', async (t) => {
    const { agent, client } = await pair(t);
    const brief = await RawClient.connect({ port: agent.port });
    brief.socket.end(helloCall);
    await agent.waitFor(1);
    client.socket.end(helloCall);
    assert.equal((await client.reply()).status, 0);
    assert.equal((await client.closed()).how, 'fin');
    assert.equal(agent.received, 2);
    await brief.destroy();
  });

  it('nothing of a frame that breaks off is stored', async (t) => {
    const { agent, client } = await pair(t);
    const gone = once(agent, 'disconnect');
    client.socket.end(Buffer.concat([helloCall, helloCall.subarray(0, -1)]));
    assert.equal((await client.reply()).status, 0);
    assert.equal((await client.closed()).bytes.length, 0);
    await gone;
    assert.equal(agent.received, 1);
  });

  it('unframed: messages one after the other, in any packets', async (t) => {
    for (const protocol of ['compact', 'binary', 'json'] as const) {
      const { agent, client } = await pair(t, { protocol, framed: false });
      const message = (seqid: number): Buffer => encodeCall([hello, hello], seqid, protocol).subarray(4);
      client.send(message(1), message(2), message(3).subarray(0, 20));
      await agent.waitFor(4);
      assert.equal(agent.callsTotal, 2);
      client.send(message(3).subarray(20));
      await agent.waitFor(6);
      assert.deepEqual(agent.events, Array(6).fill(hello));
      assert.equal(agent.connections, 1);
    }
  });

  it('unframed: a message is answered without a length', async (t) => {
    const { client } = await pair(t, { framed: false });
    client.send(helloCall.subarray(4));
    const reply = `8241${'01'}06${text('append')}05000000`;
    assert.equal((await client.bytes(reply.length / 2)).toString('hex'), reply);
    client.send('GET / HTTP/1.1\r\n\r\n');
    assert.equal((await client.closed()).bytes.length, 0);
  });

  it('the known limit of the generated reader: a header named __proto__ is lost', async (t) => {
    const { agent, client } = await pair(t);
    client.send(append(`1c1b028809${text('__proto__')}01${text('x')}01${text('b')}01${text('y')}1801${text('z')}0000`));
    assert.equal((await client.reply()).status, 0);
    assert.deepEqual(agent.events, [{ headers: { b: 'y' }, body: Buffer.from('z') }]);
  });

  it('an agent whose client does not read its answers waits for it', async () => {
    const answer = Buffer.alloc(64 * 1024);
    await using agent = await startDevAgent({ port: 0, script: [{ repeat: Infinity, step: { raw: answer } }] });
    const socket = connect(agent.port, '127.0.0.1').pause();
    const calls = 1_000;
    socket.write(Buffer.concat(Array(calls).fill(helloCall)));
    // It goes on until the buffers of the kernel are full.
    for (let before = -1, turns = 0; turns < 50; turns = before === agent.callsTotal ? turns + 1 : 0) {
      before = agent.callsTotal;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const executed = agent.callsTotal;
    assert.ok(executed > 0 && executed < calls, `${executed} calls were executed`);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    while (bytes < calls * answer.length) await once(socket, 'data');
    assert.equal(agent.callsTotal, calls);
    socket.destroy();
    await once(socket, 'close');
  });

  it('what a client sends while a call lasts stays in its own buffers, and is executed after it', async () => {
    let open = (): void => {};
    const gate = new Promise<undefined>((resolve) => (open = () => resolve(undefined)));
    await using agent = await startDevAgent({ port: 0, script: () => gate });
    const client = await RawClient.connect({ port: agent.port });
    const calls = 60;
    const megabyte = encodeCall({ headers: {}, body: Buffer.alloc(1_000_000) });
    for (let call = 0; call < calls; call++) client.socket.write(megabyte);
    for (let before = -1, turns = 0; turns < 50; turns = before === client.socket.writableLength ? turns + 1 : 0) {
      before = client.socket.writableLength;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(client.socket.writableLength > 0, 'the agent has stopped reading');
    assert.equal(agent.callsTotal, 1);
    open();
    await agent.waitFor(calls);
    await client.destroy();
  });
});
