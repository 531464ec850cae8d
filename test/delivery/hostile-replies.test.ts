// Hostile replies: whatever a peer sends, in whatever pieces, every call settles once, nothing is thrown, nothing is kept,
// and OK is only what the `thrift` package too reads as OK for this method and sequence id.
//
// SEED=n begins at that case, COUNT=n runs so many: a failure names the seed of its case, which SEED=… COUNT=1 replays.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, systemClock } from '../../packages/core/src/clock.ts';
import type { Endpoint } from '../../packages/core/src/endpoint.ts';
import { FlumeError } from '../../packages/core/src/errors.ts';
import { Connection, type ConnectionOptions } from '../../packages/core/src/rpc/connection.ts';
import { dial } from '../../packages/core/src/rpc/dial.ts';
import type { Socket } from '../../packages/core/src/rpc/socket.ts';
import { protocolNamed } from '../../packages/core/src/thrift/protocols.ts';
import { leakCheck } from '../../packages/core/test/leak-check.ts';
import { type HostileCase, hostileCase } from './hostile-reply.ts';
import { isOk, repliesIn } from './reply-witness.ts';

const seed = Number(process.env.SEED ?? 1);
const count = Number(process.env.COUNT ?? 100_000);
const overTcp = Math.min(count, 4_000);
// Far above what a piece of 64 KiB takes: the machine may have other things to do.
const longestPieceMs = 5_000;
const maxGrowthBytes = 5 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Outcome = 'OK' | FlumeError;

/** Makes the calls of a case, and gathers what becomes of them. */
class Client {
  readonly outcomes: (Outcome | undefined)[];
  readonly connection: Connection;
  closedTimes = 0;
  readonly #case: HostileCase;
  #settledTimes = 0;

  constructor(one: HostileCase, options: Pick<ConnectionOptions, 'dial' | 'clock' | 'requestTimeoutMs'>, port = 4141) {
    this.#case = one;
    this.outcomes = one.calls.map(() => undefined);
    const endpoint: Endpoint = { tag: 'tcp', host: '127.0.0.1', port, name: 'agent', tls: false };
    const protocol = protocolNamed(one.protocol);
    const listener = { opened: () => this.#opened(), closed: () => (this.closedTimes += 1) };
    const rest = { protocol, framed: one.framed, connectTimeoutMs: 10_000 };
    this.connection = new Connection(endpoint, { ...rest, ...options }, listener);
  }

  get isSettled(): boolean {
    return this.#settledTimes === this.outcomes.length;
  }

  #opened(): void {
    for (const [index, method] of this.#case.calls.entries()) {
      this.connection.call(method, { count: 0, byteLength: 0, views: [] }, (outcome) => {
        assert.equal(this.outcomes[index], undefined, `${this.#case.story}: call ${index} settled twice`);
        this.outcomes[index] = outcome.tag === 'accepted' ? 'OK' : outcome.error;
        this.#settledTimes += 1;
      });
    }
  }

  /** What was settled is what the witness reads. */
  check(): void {
    const { story, calls, protocol, framed, chunks, isRight, statuses } = this.#case;
    assert.ok(this.isSettled, `${story}: a call hangs`);
    const accepted = this.outcomes.map((outcome) => outcome === 'OK');
    if (accepted.includes(true)) {
      const witnessed = repliesIn(Buffer.concat(chunks), protocol, framed, calls.length);
      for (const [index, method] of calls.entries()) {
        if (accepted[index] !== true) continue;
        const reply = witnessed[index];
        const right = reply !== undefined && isOk(reply) && reply.method === method && reply.sequenceId === index + 1;
        assert.ok(right, `${story}: call ${index} is OK here, and for the witness ${JSON.stringify(reply)}`);
      }
    }
    for (const outcome of this.outcomes) {
      if (outcome === 'OK') continue;
      assert.ok(outcome instanceof FlumeError, `${story}: ${String(outcome)}`);
      assert.ok(outcome.message.length < 2_000, `${story}: a message of ${outcome.message.length} characters`);
      assert.ok(!/\p{C}/u.test(outcome.message), `${story}: control characters in ${JSON.stringify(outcome.message)}`);
    }
    if (!isRight) return;
    // After an exception the connection is gone, and the calls behind it with it.
    const end = statuses.includes(undefined) ? statuses.indexOf(undefined) : statuses.length;
    const expected = statuses.map((status, index) => index < end && status === 0);
    assert.deepEqual(accepted, expected, `${story}: a right reply was not taken`);
  }
}

/** A socket that does nothing but tell. */
class ScriptedSocket extends EventEmitter {
  destroyed = false;
  cork(): void {}
  uncork(): void {}
  write(): void {}
  unref(): void {}
  destroy(): void {
    this.destroyed = true;
  }
}

/** Time passes when run() is called. */
class StandingClock implements Clock {
  readonly #pending = new Set<() => void>();
  now(): number {
    return 0;
  }
  after(_delayMs: number, callback: () => void): { cancel: () => void } {
    this.#pending.add(callback);
    return { cancel: () => this.#pending.delete(callback) };
  }
  soon(callback: () => void): void {
    this.#pending.add(callback);
  }
  run(): void {
    for (const callback of this.#pending) {
      this.#pending.delete(callback);
      callback();
    }
  }
}

/** @returns the longest time that a piece took */
function play(one: HostileCase, mayAccept = true): number {
  const socket = new ScriptedSocket();
  const clock = new StandingClock();
  const client = new Client(one, { dial: () => socket as unknown as Socket, clock, requestTimeoutMs: 1_000 });
  let longestMs = 0;
  socket.emit('connect');
  for (const chunk of one.chunks) {
    // A destroyed socket reads no more.
    if (socket.destroyed) break;
    const started = performance.now();
    socket.emit('data', chunk);
    longestMs = Math.max(longestMs, performance.now() - started);
  }
  if (!socket.destroyed && one.leaves === 'end') socket.emit('end');
  if (!socket.destroyed && one.leaves === 'reset')
    socket.emit('error', Object.assign(new Error('read'), { code: 'ECONNRESET' }));
  socket.emit('close');
  clock.run();
  client.check();
  if (!mayAccept) assert.ok(!client.outcomes.includes('OK'), one.story);
  assert.equal(client.closedTimes, 1, one.story);
  assert.ok(socket.destroyed, one.story);
  return longestMs;
}

/** A server that reads the calls of a case and answers as the case says. */
async function startPeer(cases: Map<number, HostileCase>): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const one = cases.get(socket.remotePort as number) as HostileCase;
      socket.resume();
      void (async () => {
        for (const chunk of one.chunks.length > 40 ? [Buffer.concat(one.chunks)] : one.chunks) {
          if (socket.destroyed) return;
          socket.write(chunk);
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (one.leaves === 'end') socket.end();
        if (one.leaves === 'reset') socket.resetAndDestroy();
      })();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('hostile replies', { timeout: 20 * 60_000 }, () => {
  leakCheck();

  for (const field of ['" "', '""', '"0x0"', '"-0"', '"0.0"', '"00"']) {
    it(`takes no JSON reply for an OK whose field is ${field}`, () => {
      const message = Buffer.from(`[1,"append",2,1,{${field}:{"i32":0}}]`);
      const right: HostileCase = { ...hostileCase(1), protocol: 'json', framed: false, calls: ['append'] };
      play({ ...right, isRight: false, chunks: [message], leaves: 'end', story: `field ${field}` }, false);
    });
  }

  it(`${count} cases over scripted sockets`, async () => {
    let accepted = 0;
    let longestMs = 0;
    let before = 0;
    for (let index = 0; index < count; index++) {
      const one = hostileCase(seed + index);
      if (one.isRight) accepted += 1;
      longestMs = Math.max(longestMs, play(one));
      if (index === count >> 2) before = await memory();
    }
    const growth = (await memory()) - before;
    console.log(
      `  ${count} cases from seed ${seed}, ${accepted} of them right, a piece took ${longestMs.toFixed(1)} ms at most, ` +
        `memory ${(growth / 1024).toFixed()} KiB more than after a quarter`,
    );
    assert.ok(longestMs < longestPieceMs, `a piece took ${longestMs.toFixed()} ms`);
    assert.ok(growth < maxGrowthBytes, `${growth} bytes more`);
  });

  it(`${overTcp} cases over TCP`, async () => {
    const cases = new Map<number, HostileCase>();
    const server = await startPeer(cases);
    const { port } = server.address() as AddressInfo;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < overTcp) {
        const one = hostileCase(seed + next++);
        const requestTimeoutMs = one.leaves === 'silence' && !one.isRight ? 30 : 10_000;
        let opened: net.Socket | undefined;
        const numbered: typeof dial = (endpoint, connectTimeoutMs) => {
          opened = dial(endpoint, connectTimeoutMs) as net.Socket;
          opened.on('connect', () => cases.set(opened?.localPort as number, one));
          return opened;
        };
        const client = new Client(one, { dial: numbered, clock: systemClock, requestTimeoutMs }, port);
        const closed = new Promise((resolve) => opened?.on('close', resolve));
        if (one.leaves === 'silence') {
          // By its timeout at the latest; a right peer that keeps silent afterwards is left by us.
          const patience = performance.now() + 20_000;
          while (!client.isSettled && performance.now() < patience)
            await new Promise((resolve) => setTimeout(resolve, 2));
          assert.ok(client.isSettled, `${one.story}: a call hangs`);
          client.connection.destroy(new FlumeError('ERR_FLUME_CLOSED', 'done'));
        }
        await closed;
        client.check();
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    server.close();
    await once(server, 'close');
  });
});

/** Bytes that are reachable. Buffers are freed some time after their owners, aside. */
async function memory(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
