import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type DevAgent, type DevAgentOptions, type ScriptStep, startDevAgent } from '../../dev-agent/src/index.ts';
import { FlumeClient, type FlumeClientOptions, FlumeError } from '../src/index.ts';
import { failure } from './failed-call.ts';
import { leakCheck } from './leak-check.ts';

async function withAgent(
  use: (agent: DevAgent, client: FlumeClient) => Promise<void>,
  agentOptions: DevAgentOptions = {},
  clientOptions: FlumeClientOptions = {},
): Promise<void> {
  const agent = await startDevAgent({ port: 0, ...agentOptions });
  const client = new FlumeClient({ port: agent.port as number, ...clientOptions });
  try {
    await use(agent, client);
  } finally {
    await client.close();
    await agent.close();
  }
}

describe('FlumeClient', () => {
  leakCheck();

  for (const protocol of ['compact', 'binary'] as const) {
    it(`sends events and batches, ${protocol}`, async () => {
      await withAgent(
        async (agent, client) => {
          assert.equal(client.isOpen, false);
          await client.connect();
          assert.equal(client.isOpen, true);
          await client.append({ headers: { a: 'hello', grüße: '日本語' }, body: 'wörld 😀' });
          await client.appendBatch([{ body: Buffer.from([0, 255, 10]) }, { headers: ['b', '', '', 'c'], body: '' }]);
          await client.ping();
          assert.deepEqual(agent.events, [
            { headers: { a: 'hello', grüße: '日本語' }, body: Buffer.from('wörld 😀') },
            { headers: {}, body: Buffer.from([0, 255, 10]) },
            { headers: { b: '', '': 'c' }, body: Buffer.alloc(0) },
          ]);
        },
        { protocol },
        { protocol },
      );
    });
  }

  it('has several calls in flight, answered in order', async () => {
    await withAgent(async (agent, client) => {
      const answered: number[] = [];
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          await client.append({ body: String(index) });
          answered.push(index);
        }),
      );
      const expected = Array.from({ length: 50 }, (_, index) => index);
      assert.deepEqual(answered, expected);
      assert.deepEqual(
        agent.events.map(({ body }) => Number(body)),
        expected,
      );
      assert.equal(agent.connectionsTotal, 1);
    });
  });

  // What the agent does, the code that a caller sees, whether the events may be stored, and what the message tells.
  const faults: [ScriptStep, FlumeError['code'], boolean, RegExp][] = [
    ['failed', 'ERR_FLUME_FAILED', false, /answered FAILED: its channel is full, or .* transactionCapacity/],
    ['error', 'ERR_FLUME_STATUS', false, /answered ERROR/],
    ['unknown', 'ERR_FLUME_STATUS', false, /answered UNKNOWN/],
    ['exception', 'ERR_FLUME_EXCEPTION', false, /Thrift exception of type 6: Internal error processing append/],
    ['reset', 'ERR_FLUME_CONNECTION_LOST', true, /ECONNRESET/],
    ['close', 'ERR_FLUME_CONNECTION_LOST', true, /closed the connection without an answer: does it speak binary/],
    ['reset-after-commit', 'ERR_FLUME_CONNECTION_LOST', true, /ECONNRESET/],
    ['half-frame', 'ERR_FLUME_CONNECTION_LOST', true, /closed/],
    ['stall', 'ERR_FLUME_TIMEOUT', true, /no answer within 150 ms/],
    ['garbage', 'ERR_FLUME_PROTOCOL', true, /no Flume Thrift source/],
    ['zero-length', 'ERR_FLUME_PROTOCOL', true, /a frame of 0 bytes/],
    ['oversized-length', 'ERR_FLUME_PROTOCOL', true, /a frame of 2147483647 bytes/],
    ['wrong-seqid', 'ERR_FLUME_PROTOCOL', true, /sequence id/],
    ['wrong-method', 'ERR_FLUME_PROTOCOL', true, /method/],
    ['wrong-type', 'ERR_FLUME_PROTOCOL', true, /message type/],
    ['trailing-bytes', 'ERR_FLUME_PROTOCOL', true, /bytes after the message/],
    [{ status: 99 }, 'ERR_FLUME_PROTOCOL', true, /status 99/],
    ['http', 'ERR_FLUME_PROTOCOL', true, /it speaks HTTP/],
  ];
  for (const [step, code, ackUnknown, message] of faults) {
    it(`tells ${JSON.stringify(step)} as ${code}, and goes on`, async () => {
      await withAgent(
        async (agent, client) => {
          agent.script([step]);
          const error = await failure(client.append({ body: 'lost?' }));
          assert.equal(error.code, code);
          assert.equal(error.ackUnknown, ackUnknown);
          assert.equal(error.retryable, true);
          assert.match(error.message, message);
          assert.match(error.message, new RegExp(`^Flume agent 127.0.0.1:${agent.port}: `));
          await client.append({ body: 'next' });
          assert.equal(agent.events.at(-1)?.body.toString(), 'next');
        },
        {},
        { timeoutMs: 150 },
      );
    });
  }

  it('settles every call in flight once when the connection is lost', async () => {
    await withAgent(async (agent, client) => {
      agent.script(['ok', 'ok', 'reset']);
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) => client.append({ body: `${index}` })),
      );
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'fulfilled', ...Array(8).fill('rejected')],
      );
    });
  });

  it('takes no reply twice', async () => {
    await withAgent(async (agent, client) => {
      agent.script(['duplicate']);
      await client.append({ body: 'a' });
      // The second reply belongs to nobody: the connection ends, and with it what may have been sent meanwhile.
      const second = await client.append({ body: 'b' }).catch((error: FlumeError) => error.code);
      assert.ok(second === undefined || second === 'ERR_FLUME_PROTOCOL');
      await client.append({ body: 'c' });
      assert.equal(agent.connectionsTotal, 2);
    });
  });

  it("counts a call's time from when it became the oldest", async () => {
    await withAgent(
      async (_agent, client) => {
        // Each takes 60 ms at the agent, one after the other: 480 ms for the last, which is above the timeout.
        await Promise.all(Array.from({ length: 8 }, () => client.append({ body: 'x' })));
      },
      { latencyMs: 60 },
      { timeoutMs: 240 },
    );
  });

  it('reads a reply that came while the process was blocked, before it calls it late', async () => {
    await withAgent(
      async (agent, client) => {
        await client.connect();
        const call = client.append({ body: 'x' });
        await once(agent, 'call');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
        await call;
      },
      {},
      { timeoutMs: 200 },
    );
  });

  it('ends a wait on its signal', async () => {
    await withAgent(async (agent, client) => {
      agent.script([{ delayMs: 50 }]);
      const controller = new AbortController();
      const call = client.append({ body: 'a' }, { signal: controller.signal });
      await once(agent, 'call');
      controller.abort(new Error('enough'));
      const error = await failure(call);
      assert.equal(error.code, 'ERR_FLUME_ABORTED');
      assert.equal(error.ackUnknown, true);
      assert.equal((error.cause as Error).message, 'enough');
      // The late answer is not taken for that of the next call.
      await client.append({ body: 'b' });
      assert.equal(agent.connectionsTotal, 1);
      const before = await failure(client.append({ body: 'c' }, { signal: AbortSignal.abort() }));
      assert.equal(before.ackUnknown, false);
      assert.equal(agent.received, 2);
    });
  });

  it('waits for calls in flight on close, refuses later ones, and opens again', async () => {
    await withAgent(
      async (agent, client) => {
        const call = client.append({ body: 'a' });
        await client.close();
        await call;
        assert.equal(client.isOpen, false);
        assert.equal((await failure(client.append({ body: 'b' }))).code, 'ERR_FLUME_CLOSED');
        await client.close();
        await client.connect();
        await client.append({ body: 'c' });
        assert.equal(agent.received, 2);
      },
      { latencyMs: 30 },
    );
  });

  it('says which agent cannot be reached, and why', async () => {
    const agent = await startDevAgent({ port: 0 });
    const { port } = agent;
    await agent.close();
    const client = new FlumeClient({ port: port as number });
    const refused = await failure(client.append({ body: 'a' }));
    assert.equal(refused.code, 'ERR_FLUME_CONNECT');
    assert.equal(refused.ackUnknown, false);
    assert.match(refused.message, new RegExp(`^Flume agent 127.0.0.1:${port}: cannot connect: .*ECONNREFUSED`));
    const unknown = await failure(new FlumeClient({ host: 'no-such-host.invalid' }).connect());
    assert.equal(unknown.code, 'ERR_FLUME_CONNECT');
    assert.match(unknown.message, /no-such-host\.invalid/);
  });

  it('gives up connecting after connectTimeoutMs', async () => {
    // A stopped process whose backlog is full: the kernel answers no further connection.
    const program =
      "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))";
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(line);
    child.kill('SIGSTOP');
    const fillers = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
    await once(fillers[0] as net.Socket, 'connect');
    const error = await failure(new FlumeClient({ port, connectTimeoutMs: 150 }).append({ body: 'x' }));
    assert.equal(error.code, 'ERR_FLUME_CONNECT');
    assert.match(error.message, /cannot connect: no connection within 150 ms \(connectTimeoutMs\)/);
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('tells a wrong protocol from the silence that follows', async () => {
    await withAgent(
      async (_agent, client) => {
        const error = await failure(client.append({ body: 'x' }));
        assert.equal(error.code, 'ERR_FLUME_CONNECTION_LOST');
        assert.match(error.message, /without an answer: does it speak compact \(the option protocol\)/);
      },
      { protocol: 'compact' },
      { protocol: 'binary' },
    );
  });

  it('refuses what is no event, or too large, before the wire', async () => {
    await withAgent(async (agent, client) => {
      const wrong: [unknown, RegExp][] = [
        [{ body: 1 }, /body: expected a string or a Uint8Array, got number/],
        [{ body: null }, /body: expected a string or a Uint8Array, got null/],
        [{ body: '', headers: { a: 1 } }, /headers\.a: expected a string, got number/],
        [{ body: '', headers: ['a'] }, /expected names and values in turn/],
        [{ body: '', headers: 'a' }, /headers: expected an object, got string/],
      ];
      for (const [event, message] of wrong) {
        const error = await failure(client.append(event as { body: string }));
        assert.equal(error.code, 'ERR_FLUME_EVENT');
        assert.match(error.message, message);
        assert.equal(error.retryable, false);
      }
      const large = await failure(client.append({ body: Buffer.alloc(16_384_000) }));
      assert.equal(large.code, 'ERR_FLUME_OVERSIZE');
      await client.append({ body: Buffer.alloc(16_383_900) });
      assert.equal(agent.received, 1);
    });
  });

  it('speaks over a Unix domain socket', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flume-'));
    const socket = path.join(directory, 'agent.sock');
    const agent = await startDevAgent({ path: socket });
    const client = new FlumeClient({ path: socket });
    await client.append({ body: 'x' });
    assert.equal(agent.received, 1);
    await client.close();
    await agent.close();
    const error = await failure(new FlumeClient({ path: socket }).connect());
    assert.match(error.message, new RegExp(`^Flume agent ${socket}: cannot connect: .*ENOENT`));
    await rm(directory, { recursive: true });
  });

  it('is told apart by its brand, even from another copy of the package', () => {
    const other = { [Symbol.for('flume-thrift-client.FlumeError')]: true };
    assert.ok(other instanceof FlumeError);
    assert.ok(!(new Error('x') instanceof FlumeError));
  });
});
