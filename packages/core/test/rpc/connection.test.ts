// How a connection ends, and what becomes of its calls: each way has its own tag, on a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exceptionReply, statusReply } from '../../../../test/delivery/thrift-frames.ts';
import { VirtualClock } from '../../../../test/delivery/virtual-clock.ts';
import { Connection, type ConnectionOptions } from '../../src/rpc/connection.ts';
import type { End, Outcome } from '../../src/rpc/outcome.ts';
import type { Socket } from '../../src/rpc/socket.ts';
import { protocolNamed } from '../../src/thrift/protocols.ts';

const noEvents = { count: 0, byteLength: 0, views: [] };

/** A connection to nobody: the test plays the socket. */
class Scripted {
  readonly clock = new VirtualClock();
  readonly ends: End[] = [];
  readonly outcomes: Outcome[] = [];
  readonly connection: Connection;
  opened = 0;
  readonly #listeners = new Map<string, (argument?: unknown) => void>();

  constructor() {
    const nothing = (): void => {};
    const on = (event: string, listener: (argument?: unknown) => void): void =>
      void this.#listeners.set(event, listener);
    const socket = { on, write: nothing, cork: nothing, uncork: nothing, destroy: nothing, unref: nothing };
    const options: ConnectionOptions = {
      dial: () => socket as unknown as Socket,
      protocol: protocolNamed('compact'),
      framed: true,
      connectTimeoutMs: 1_000,
      requestTimeoutMs: 1_000,
      clock: this.clock,
    };
    const endpoint = { tag: 'tcp', host: '127.0.0.1', port: 4141, name: 'agent', tls: false } as const;
    const listener = { opened: () => (this.opened += 1), closed: (end: End) => this.ends.push(end) };
    this.connection = new Connection(endpoint, options, listener);
  }

  emit(event: string, argument?: unknown): void {
    this.#listeners.get(event)?.(argument);
  }

  open(calls: number): this {
    this.emit('connect');
    for (let call = 0; call < calls; call++)
      this.connection.call('appendBatch', noEvents, (outcome) => this.outcomes.push(outcome));
    return this;
  }

  /** Lets time pass until then, as long as there is something to do. */
  run(until: number): void {
    let isOver = false;
    this.clock.at(until, () => {
      isOver = true;
    });
    while (!isOver && this.clock.step() !== undefined);
  }

  get told(): string[] {
    return this.outcomes.map((outcome) =>
      outcome.tag === 'broken' ? `${outcome.how}${outcome.isOldest ? ', the oldest' : ''}` : outcome.tag,
    );
  }
}

const ways: readonly (readonly [string, (one: Scripted) => void, readonly string[], End['tag'], string])[] = [
  [
    'an exception',
    (one) => one.emit('data', exceptionReply('compact', 1)),
    ['exception, the oldest', 'exception'],
    'broken',
    'ERR_FLUME_EXCEPTION',
  ],
  ['a close', (one) => one.emit('end'), ['lost, the oldest', 'lost'], 'broken', 'ERR_FLUME_CONNECTION_LOST'],
  [
    'a reset',
    (one) => one.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })),
    ['lost, the oldest', 'lost'],
    'broken',
    'ERR_FLUME_CONNECTION_LOST',
  ],
  ['silence', (one) => one.run(1_010), ['timeout, the oldest', 'timeout'], 'broken', 'ERR_FLUME_TIMEOUT'],
  [
    'an answer that is none',
    (one) => one.emit('data', Buffer.from('HTTP/1.1 400 Bad Request')),
    ['nonsense, the oldest', 'nonsense'],
    'broken',
    'ERR_FLUME_PROTOCOL',
  ],
];

describe('Connection', () => {
  for (const [what, happens, told, tag, code] of ways) {
    it(`is broken by ${what}, for which the oldest call alone may be to blame`, () => {
      const one = new Scripted().open(2);
      happens(one);
      assert.deepEqual(one.told, told);
      assert.deepEqual(
        one.ends.map((end) => [end.tag, end.error.code]),
        [[tag, code]],
      );
      assert.equal(one.clock.pendingTimers, 0);
    });
  }

  it('answers each call by its own', () => {
    const one = new Scripted().open(3);
    one.emit('data', Buffer.concat([statusReply('compact', 1, 0), statusReply('compact', 2, 1)]));
    assert.deepEqual(one.told, ['accepted', 'refused']);
    one.connection.destroy(one.outcomes[1]?.tag === 'refused' ? one.outcomes[1].error : assert.fail());
    assert.deepEqual(one.told, ['accepted', 'refused', 'given up, the oldest']);
    assert.equal(one.ends[0]?.tag, 'given up');
  });

  it('is idle where it ends with no call in flight, and unreachable where it never stood', () => {
    const idle = new Scripted().open(0);
    idle.emit('end');
    const refused = new Scripted();
    refused.emit('error', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    const silent = new Scripted();
    silent.run(1_010);
    assert.deepEqual(
      [idle, refused, silent].map(({ ends }) => ends[0]?.tag),
      ['idle', 'unreachable', 'unreachable'],
    );
    assert.deepEqual(refused.ends[0]?.error.code, 'ERR_FLUME_CONNECT');
  });

  it('is not given up for the time in which the process itself was blocked', () => {
    const one = new Scripted();
    one.clock.block(1_500);
    assert.equal(one.clock.step(), 'timer');
    assert.deepEqual(one.ends, []);
    one.run(1_900);
    one.emit('connect');
    assert.deepEqual([one.opened, one.ends], [1, []]);
    assert.equal(one.clock.pendingTimers, 0);
    const other = new Scripted();
    other.clock.block(1_500);
    other.run(2_010);
    assert.equal(other.ends[0]?.tag, 'unreachable', 'and for no longer');
  });
});
