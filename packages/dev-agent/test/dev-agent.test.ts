import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startDevAgent } from '../src/index.ts';
import { expectNothingLeftOpen } from './left-open.ts';
import { encodeCall, RawClient } from './raw-client.ts';

expectNothingLeftOpen();

const hello = { headers: { a: 'hello' }, body: Buffer.from('world') };
const key = readFileSync(path.join(import.meta.dirname, 'localhost.key.pem'));
const cert = readFileSync(path.join(import.meta.dirname, 'localhost.cert.pem'));

describe('startDevAgent()', () => {
  for (const protocol of ['compact', 'binary', 'json'] as const) {
    it(`stores and answers ${protocol}`, async () => {
      await using agent = await startDevAgent({ port: 0, protocol });
      const client = await RawClient.connect({ port: agent.port }, protocol);
      const full = { headers: { empty: '', ключ: '🙂 "quoted" \\' }, body: Buffer.from([0, 1, 0xff, 0x80]) };
      client.send(
        encodeCall(hello, 7, protocol),
        encodeCall([full, { headers: {}, body: Buffer.alloc(0) }], 8, protocol),
      );
      assert.deepEqual(await client.reply(), { method: 'append', seqid: 7, type: 2, status: 0 });
      assert.deepEqual(await client.reply(), { method: 'appendBatch', seqid: 8, type: 2, status: 0 });
      assert.deepEqual(agent.events, [hello, full, { headers: {}, body: Buffer.alloc(0) }]);
      assert.equal(agent.received, 3);
      assert.deepEqual(agent.calls, [
        { method: 'append', count: 1, seqid: 7, connection: 1 },
        { method: 'appendBatch', count: 2, seqid: 8, connection: 1 },
      ]);
      await client.destroy();
    });
  }

  it('listens on a Unix socket', async () => {
    const socketPath = path.join(tmpdir(), `flume-dev-agent-${process.pid}.sock`);
    await using agent = await startDevAgent({ path: socketPath, script: ['ok', 'reset'] });
    assert.equal(agent.path, socketPath);
    const client = await RawClient.connect({ path: socketPath });
    client.send(encodeCall(hello));
    assert.equal((await client.reply()).status, 0);
    client.send(encodeCall(hello));
    assert.equal((await client.closed()).bytes.length, 0);
    assert.equal(agent.received, 1);
  });

  it('speaks TLS, resets below it, and survives what is no TLS', async () => {
    await using agent = await startDevAgent({ port: 0, tls: { key, cert }, script: ['ok', 'reset'] });
    const plain = await RawClient.connect({ port: agent.port });
    plain.send(encodeCall(hello));
    await plain.closed();
    const client = await RawClient.connectTls({ port: agent.port, host: '127.0.0.1', ca: cert });
    client.send(encodeCall(hello));
    assert.equal((await client.reply()).status, 0);
    client.send(encodeCall(hello));
    assert.equal((await client.closed()).how, 'reset');
    assert.equal(agent.connectionsTotal, 1);
    assert.deepEqual(agent.events, [hello]);
    await Promise.all([plain.destroy(), client.destroy()]);
  });

  it('close() does not wait for a TLS handshake', async () => {
    const agent = await startDevAgent({ port: 0, tls: { key, cert } });
    const silent = await RawClient.connect({ port: agent.port });
    const connected = once(agent, 'connection');
    const client = await RawClient.connectTls({ port: agent.port, host: '127.0.0.1', ca: cert });
    await connected;
    await agent.close();
    await Promise.all([silent.closed(), client.closed()]);
    assert.equal(agent.connectionsTotal, 1);
  });

  it('answers a TLS client that has sent its last byte', async () => {
    await using agent = await startDevAgent({ port: 0, tls: { key, cert }, latencyMs: 5 });
    const client = await RawClient.connectTls({
      port: agent.port,
      host: '127.0.0.1',
      ca: cert,
      allowHalfOpen: true,
    } as never);
    client.send(encodeCall(hello));
    client.socket.end();
    assert.equal((await client.reply()).status, 0);
    await client.destroy();
  });

  it('closes an idle connection after idleTimeoutMs', async () => {
    await using agent = await startDevAgent({ port: 0, idleTimeoutMs: 30 });
    const client = await RawClient.connect({ port: agent.port });
    const [id, reason] = await once(agent, 'disconnect');
    assert.deepEqual([id, reason], [1, 'idle for 30 ms']);
    assert.deepEqual(await client.closed(), { how: 'fin', bytes: Buffer.alloc(0) });
  });

  it('does not take a call that lasts for an idle connection', async () => {
    await using agent = await startDevAgent({ port: 0, idleTimeoutMs: 20, latencyMs: 60 });
    const client = await RawClient.connect({ port: agent.port });
    client.send(encodeCall(hello));
    assert.equal((await client.reply()).status, 0);
    await client.destroy();
  });

  it('refuses a batch above transactionCapacity at once and for ever', async () => {
    await using agent = await startDevAgent({ port: 0, transactionCapacity: 2 });
    const client = await RawClient.connect({ port: agent.port });
    const answer = once(agent, 'answer');
    client.send(encodeCall([hello, hello, hello]), encodeCall([hello, hello, hello]), encodeCall([hello, hello]));
    assert.equal((await client.reply()).status, 1);
    assert.equal((await client.reply()).status, 1);
    assert.equal((await client.reply()).status, 0);
    assert.equal((await answer)[1], 'FAILED: 3 events are above the transactionCapacity of 2');
    assert.equal(agent.received, 2);
    await client.destroy();
  });

  it('refuses what does not fit after keepAliveMs, the whole batch', async () => {
    await using agent = await startDevAgent({ port: 0, capacity: 3, keepAliveMs: 40 });
    const client = await RawClient.connect({ port: agent.port });
    client.send(encodeCall([hello, hello]));
    assert.equal((await client.reply()).status, 0);
    const start = performance.now();
    client.send(encodeCall([hello, hello]), encodeCall([]), encodeCall(hello));
    assert.equal((await client.reply()).status, 1);
    assert.ok(performance.now() - start >= 39, 'FAILED comes after keepAliveMs');
    assert.equal((await client.reply()).status, 0);
    assert.equal((await client.reply()).status, 0);
    assert.equal(agent.received, 3);
    await client.destroy();
  });

  it('drain() makes room for a call that waits', async () => {
    await using agent = await startDevAgent({ port: 0, capacity: 1, keepAliveMs: 60_000 });
    const client = await RawClient.connect({ port: agent.port });
    client.send(encodeCall(hello, 1), encodeCall(hello, 2));
    while (agent.callsTotal < 2) await once(agent, 'call');
    assert.deepEqual(agent.drain(), [hello]);
    assert.equal((await client.reply()).seqid, 1);
    assert.deepEqual(await client.reply(), { method: 'append', seqid: 2, type: 2, status: 0 });
    assert.deepEqual(agent.events, [hello]);
    assert.equal(agent.received, 2);
    await client.destroy();
  });

  it('executes the calls of a connection one after the other, and those of two side by side', async () => {
    await using agent = await startDevAgent({ port: 0, latencyMs: 40 });
    const [one, two] = await Promise.all([
      RawClient.connect({ port: agent.port }),
      RawClient.connect({ port: agent.port }),
    ]);
    const answered: number[] = [];
    agent.on('answer', ({ connection }) => answered.push(connection));
    const start = performance.now();
    one.send(encodeCall(hello, 1), encodeCall(hello, 2), encodeCall(hello, 3));
    two.send(encodeCall(hello, 1));
    await two.reply();
    for (const seqid of [1, 2, 3]) assert.equal((await one.reply()).seqid, seqid);
    assert.ok(performance.now() - start >= 118, 'three calls take three times the latency');
    assert.ok(answered.indexOf(2) < 2, `the other connection does not wait: ${answered.join(' ')}`);
    await Promise.all([one.destroy(), two.destroy()]);
  });

  it('stores the events of a client that left while its call was executed', async () => {
    await using agent = await startDevAgent({ port: 0, latencyMs: 30 });
    const client = await RawClient.connect({ port: agent.port });
    client.send(encodeCall(hello));
    await once(agent, 'call');
    await client.destroy();
    await agent.waitFor(1);
  });

  it('keeps the newest keepEvents events and calls, and counts all', async () => {
    const seen: string[] = [];
    const onEvent = ({ body }: { body: Buffer }): unknown => seen.push(String(body));
    await using agent = await startDevAgent({ port: 0, keepEvents: 3, onEvent });
    const client = await RawClient.connect({ port: agent.port });
    for (let n = 1; n <= 5_000; n++) client.send(encodeCall({ headers: {}, body: String(n) }, n));
    await agent.waitFor(5_000);
    assert.deepEqual(
      agent.events.map(({ body }) => String(body)),
      ['4998', '4999', '5000'],
    );
    assert.deepEqual(
      agent.calls.map(({ seqid }) => seqid),
      [4998, 4999, 5000],
    );
    assert.equal(agent.callsTotal, 5_000);
    assert.equal(seen.length, 5_000);
    await client.destroy();
  });

  it('waitFor() says how many came', async () => {
    const agent = await startDevAgent({ port: 0 });
    const client = await RawClient.connect({ port: agent.port });
    await assert.rejects(agent.waitFor(1, { timeoutMs: 10 }), /waited 10 ms for 1 events, 0 came/);
    client.send(encodeCall([hello, hello]));
    await agent.waitFor(2);
    await agent.waitFor(1);
    const rejected = assert.rejects(agent.waitFor(3), /closed while waiting for 3 events, 2 came/);
    await agent.close();
    await rejected;
    await assert.rejects(agent.waitFor(3), /closed while waiting for 3 events, 2 came/);
    await client.destroy();
  });

  it('emits connections, events and calls, and counts what is open', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const connected = once(agent, 'connection');
    const client = await RawClient.connect({ port: agent.port });
    assert.deepEqual(await connected, [1]);
    assert.equal(agent.connections, 1);
    const [event, call] = [once(agent, 'event'), once(agent, 'call')];
    client.send(encodeCall(hello, 5));
    assert.deepEqual(await event, [hello]);
    assert.deepEqual(await call, [{ method: 'append', count: 1, seqid: 5, connection: 1 }]);
    const gone = once(agent, 'disconnect');
    await client.destroy();
    await gone;
    assert.equal(agent.connections, 0);
    assert.equal(agent.connectionsTotal, 1);
  });

  it('dropConnections() resets all, and new ones are accepted', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const connected = once(agent, 'connection');
    const client = await RawClient.connect({ port: agent.port });
    await connected;
    agent.dropConnections();
    assert.equal((await client.closed()).how, 'reset');
    const again = await RawClient.connect({ port: agent.port });
    again.send(encodeCall(hello));
    assert.equal((await again.reply()).status, 0);
    await again.destroy();
  });

  it('close() is idempotent, frees the port and gives up calls that wait', async () => {
    const agent = await startDevAgent({ port: 0, capacity: 1, keepAliveMs: 60_000 });
    agent.script(['ok', { delayMs: 60_000 }]);
    const clients = [await RawClient.connect({ port: agent.port }), await RawClient.connect({ port: agent.port })];
    const answers: string[] = [];
    agent.on('answer', (_, answer) => answers.push(answer));
    clients[0]?.send(encodeCall(hello));
    await agent.waitFor(1);
    // One waits for its step, the other for room in the channel.
    for (const client of clients) {
      client.send(encodeCall(hello));
      await once(agent, 'call');
    }
    const closed = agent.close();
    assert.equal(agent.close(), closed);
    await closed;
    for (const client of clients) await client.closed();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([agent.received, agent.connections], [1, 0]);
    assert.deepEqual(answers, ['script: ok']);
    await using again = await startDevAgent({ port: agent.port });
    assert.equal(again.port, agent.port);
    await assert.rejects(startDevAgent({ port: agent.port }), { code: 'EADDRINUSE' });
  });

  it('names a wrong option, what was expected and what came', async () => {
    const cases: [object, RegExp][] = [
      [{ port: -1 }, /^port: expected an integer from 0 to 65535, got -1$/],
      [{ capacity: 0 }, /^capacity: expected an integer >= 1 or Infinity, got 0$/],
      [{ latencyMs: '5' }, /^latencyMs: expected an integer from 0 to 2147483647 \(milliseconds\), got '5'$/],
      [{ protocol: 'BINARY' }, /^protocol: expected 'compact', 'binary' or 'json', got 'BINARY'$/],
      [{ path: '/x', port: 1 }, /^path: expected no host and no port beside it$/],
      [{ latency: 5 }, /^latency: no such option/],
      [{ script: ['fialed'] }, /^script\[0\]: unknown step 'fialed'; the steps are ok, failed/],
    ];
    for (const [options, message] of cases)
      await assert.rejects(startDevAgent(options), { name: 'TypeError', message });
  });

  it('undefined options are the defaults', async () => {
    await using agent = await startDevAgent({ port: 0, host: undefined, capacity: undefined, script: undefined });
    assert.equal(agent.host, '127.0.0.1');
    assert.equal(agent.stepsLeft, 0);
  });
});
