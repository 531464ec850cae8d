// Every way to an agent: protocols, with frames and without, TCP and Unix domain sockets.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type DevAgent, startDevAgent } from '../../dev-agent/src/index.ts';
import { EmbeddedAgent, FlumeClient, type FlumeError, type ProtocolName } from '../src/index.ts';
import { failure } from './failed-call.ts';
import { leakCheck } from './leak-check.ts';
import { withDirectory } from './test-directory.ts';

const faster = { retry: { initialDelayMs: 5, maxDelayMs: 20 } };
const bodies = (source: DevAgent): string[] => source.events.map(({ body }) => body.toString());
const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

describe('transports', () => {
  leakCheck();

  for (const protocol of ['compact', 'binary', 'json'] as const) {
    for (const framed of [true, false]) {
      for (const socket of ['TCP', 'Unix'] as const) {
        it(`${protocol}, ${framed ? 'framed' : 'unframed'}, ${socket}`, async () => {
          await withDirectory((directory) =>
            roundTrip(protocol, framed, socket === 'Unix' ? path.join(directory, 'agent.sock') : undefined),
          );
        });
      }
    }
  }

  async function roundTrip(protocol: ProtocolName, framed: boolean, socket: string | undefined): Promise<void> {
    await using source = await startDevAgent({
      protocol,
      framed,
      ...(socket === undefined ? { port: 0 } : { path: socket }),
    });
    const where = socket === undefined ? { port: source.port } : { path: socket };
    const event = { headers: { 'a"\\\u0001': 'ü \u2028 😀', '': '' }, body: Buffer.from([0, 0xff, 0x22, 0x5c, 0x0a]) };
    {
      await using client = new FlumeClient({ ...where, protocol, framed });
      await client.append(event);
      await client.appendBatch([event, { body: '' }, event]);
      await client.ping();
      // Refusals and exceptions are read in every protocol too.
      source.script(['failed', 'exception']);
      assert.equal((await failure(client.append(event))).code, 'ERR_FLUME_FAILED');
      const exception = await failure(client.append(event));
      assert.equal(exception.code, 'ERR_FLUME_EXCEPTION');
      assert.match(exception.message, /type 6: Internal error processing append/);
      assert.deepEqual(source.drain(), [event, event, { headers: {}, body: Buffer.alloc(0) }, event]);
    }
    const agent = new EmbeddedAgent({ ...where, ...faster, protocol, framed, maxInFlight: 4, headers: { app: 'ä' } });
    agent.on('warning', () => {});
    source.script(['ok', 'failed', 'reset', 'half-frame']);
    for (const body of upTo(500)) agent.put({ headers: { n: body }, body });
    const { queued } = await agent.close();
    assert.equal(queued, 0);
    assert.deepEqual(
      [...new Set(bodies(source))].sort((a, b) => Number(a) - Number(b)),
      upTo(500),
    );
    for (const { headers, body } of source.events) assert.deepEqual(headers, { n: body.toString(), app: 'ä' });
  }

  it('unframed, 200 calls in flight have each their own answer', async () => {
    await using source = await startDevAgent({ port: 0, framed: false, latencyMs: 1 });
    await using client = new FlumeClient({ port: source.port, framed: false });
    await Promise.all(upTo(200).map((body) => client.append({ body })));
    assert.deepEqual(bodies(source), upTo(200));
    assert.equal(source.connectionsTotal, 1);
  });

  it('a framed client and an unframed server do not wait for each other for ever, and say so', async () => {
    await using unframed = await startDevAgent({ port: 0, framed: false });
    await using framedClient = new FlumeClient({ port: unframed.port, timeoutMs: 150 });
    assert.match((await failure(framedClient.append({ body: 'x' }))).code, /^ERR_FLUME_(CONNECTION_LOST|TIMEOUT)$/);
    await using framed = await startDevAgent({ port: 0 });
    await using unframedClient = new FlumeClient({ port: framed.port, framed: false, timeoutMs: 150 });
    assert.match((await failure(unframedClient.append({ body: 'x' }))).code, /^ERR_FLUME_(CONNECTION_LOST|TIMEOUT)$/);
  });
});

describe('oversize events', () => {
  leakCheck();

  for (const protocol of ['compact', 'binary', 'json'] as const) {
    it(`${protocol}: a truncated event has maxEventBytes at most, and uses them`, async () => {
      await using source = await startDevAgent({ port: 0, protocol });
      // Every remainder of the lengths that base64 pads, and of the bytes of a character.
      for (let maxEventBytes = 300; maxEventBytes < 312; maxEventBytes++) {
        const agent = new EmbeddedAgent({ port: source.port, protocol, maxEventBytes, lingerMs: 60_000 });
        for (const body of ['日'.repeat(1_000), Buffer.alloc(1_000, 0xff)]) {
          const before = agent.stats().queued.bytes;
          assert.equal(agent.put({ headers: { a: 'b' }, body }), true);
          const bytes = agent.stats().queued.bytes - before;
          assert.ok(bytes <= maxEventBytes, `${bytes} bytes`);
          assert.ok(bytes > maxEventBytes - 16, `${bytes} bytes`);
        }
        assert.equal(agent.stats().truncated, 2);
        assert.equal((await agent.close()).queued, 0);
        const [text, binary] = source.drain();
        assert.match(text?.body.toString() ?? '', /^日+$/);
        assert.deepEqual(text?.headers, { a: 'b', truncated: '3000' });
        assert.ok(binary?.body.every((byte) => byte === 0xff));
        assert.deepEqual(binary?.headers, { a: 'b', truncated: '1000' });
      }
    });
  }

  it('json: an event that fits as bytes and not as base64 is truncated', async () => {
    await using source = await startDevAgent({ port: 0, protocol: 'json' });
    const agent = new EmbeddedAgent({ port: source.port, protocol: 'json', maxEventBytes: 1_000 });
    agent.put({ body: Buffer.alloc(690, 'x') });
    agent.put({ body: Buffer.alloc(800, 'x') });
    await agent.close();
    assert.deepEqual(
      source.events.map(({ headers }) => headers.truncated),
      [undefined, '800'],
    );
  });
});

describe('Unix domain sockets', () => {
  leakCheck();

  it('missing: says so, and works as soon as it is there', async () => {
    await withDirectory(async (directory) => {
      const socket = path.join(directory, 'agent.sock');
      await using client = new FlumeClient({ path: socket });
      const error = await failure(client.append({ body: 'x' }));
      assert.equal(error.code, 'ERR_FLUME_CONNECT');
      assert.ok(error.message.startsWith(`Flume agent ${socket}: cannot connect: `));
      assert.match(error.message, /ENOENT .* \(there is no such socket: is the server running\?\)$/);
      const agent = new EmbeddedAgent({ path: socket, ...faster });
      const warned = new Promise<FlumeError>((resolve) => agent.once('warning', resolve));
      agent.put({ body: 'x' });
      void agent.flush();
      assert.match((await warned).message, /ENOENT/);
      agent.on('warning', () => {});
      await using source = await startDevAgent({ path: socket });
      await source.waitFor(1);
      assert.equal((await agent.close()).queued, 0);
    });
  });

  it('stale: left by a server that was killed', async () => {
    await withDirectory(async (directory) => {
      const socket = path.join(directory, 'agent.sock');
      const program = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
      spawnSync(process.execPath, ['-e', program, socket], { timeout: 60_000 });
      const error = await failure(new FlumeClient({ path: socket }).connect());
      assert.equal(error.code, 'ERR_FLUME_CONNECT');
      assert.match(
        error.message,
        /ECONNREFUSED .* \(nobody listens on it: the server that made it has ended, or it is no/,
      );
    });
  });

  it('a file or a folder that is no socket', async () => {
    await withDirectory(async (directory) => {
      const file = path.join(directory, 'file');
      await writeFile(file, '');
      await mkdir(path.join(directory, 'folder'));
      for (const name of ['file', 'folder']) {
        const error = await failure(new FlumeClient({ path: path.join(directory, name) }).connect());
        assert.equal(error.code, 'ERR_FLUME_CONNECT');
        assert.match(error.message, /\(.*it is no socket\)$/);
      }
    });
  });

  it('too long for the system, counted in bytes: an error at once, not a cut path', () => {
    const long = `/${'ü'.repeat(52)}`;
    for (const create of [
      () => new FlumeClient({ path: long }),
      () => new EmbeddedAgent({ path: long }),
      () => new EmbeddedAgent({ agents: [{ path: long }] }),
    ]) {
      assert.throws(create, {
        code: 'ERR_FLUME_OPTION',
        message: /^(path|agents\[0\]): expected a socket's path of at most 103 bytes, got one of 105: \//,
      });
    }
    new FlumeClient({ path: `/${'x'.repeat(102)}` });
  });

  it('no host, port or tls beside it', () => {
    const wrong = (options: object): (() => void) => {
      return () => new FlumeClient(options);
    };
    assert.throws(wrong({ path: '/x', port: 1 }), { message: 'path: expected no host or port beside it' });
    assert.throws(() => new EmbeddedAgent({ agents: [{ path: '/x', tls: true } as never] }), {
      message: 'agents[0]: expected no tls for a Unix domain socket',
    });
  });
});
