// The agent: a listener, its connections, the channel that their events go to, and the script of its answers.
import { EventEmitter } from 'node:events';
import { Server, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import type { Call, CallRecord, ReceivedEvent } from './call.ts';
import { MessageCodec, status } from './message.ts';
import { resolveOptions } from './options.ts';
import type { DevAgentOptions, ResolvedOptions } from './options.ts';
import { RecentList } from './recent-list.ts';
import { Script } from './script.ts';
import type { ScriptFunction, ScriptStep } from './script.ts';
import { SourceChannel } from './source-channel.ts';
import { planOf } from './step.ts';
import type { Plan } from './step.ts';
import { ThriftConnection } from './thrift-connection.ts';

/** What on() and once() offer. */
export interface DevAgentEvents {
  /** An event was stored. */
  event: [event: ReceivedEvent];
  /** A call begins; it is not answered yet. */
  call: [call: CallRecord];
  /** A call was answered, or will never be; `answer` says how, in words. */
  answer: [call: CallRecord, answer: string];
  /** A client connected; connections are numbered from 1. */
  connection: [connection: number];
  /** A connection ended, and why. */
  disconnect: [connection: number, reason: string];
  /** A script function threw. */
  error: [error: Error];
}

/** Listens when the promise resolves; rejects with the error of the listener, for example EADDRINUSE. */
export async function startDevAgent(options: DevAgentOptions = {}): Promise<DevAgent> {
  const agent = new DevAgent(resolveOptions(options));
  await agent.listen();
  return agent;
}

export class DevAgent extends EventEmitter<DevAgentEvents> {
  readonly #options: ResolvedOptions;
  readonly #codec: MessageCodec;
  readonly #channel: SourceChannel;
  readonly #calls: RecentList<CallRecord>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<ThriftConnection>();
  readonly #waiters = new Set<Waiter>();
  readonly #closing = new AbortController();
  #script: Script;
  #callsTotal = 0;
  #connectionsTotal = 0;
  #port = 0;
  #closed: Promise<void> | undefined;

  /** @internal Use startDevAgent(). */
  constructor(options: ResolvedOptions) {
    super();
    this.#options = options;
    this.#codec = new MessageCodec(options.protocol);
    this.#channel = new SourceChannel(options, (events) => this.#committed(events));
    this.#calls = new RecentList(options.keepEvents);
    this.#script = new Script(options.script);
    this.#server = this.#createServer();
  }

  /** Where it listens; 0 with a Unix socket. */
  get port(): number {
    return this.#port;
  }

  get host(): string {
    return this.#options.host;
  }

  get path(): string | undefined {
    return this.#options.path;
  }

  /** The newest stored events, at most `keepEvents`, oldest first. */
  get events(): readonly ReceivedEvent[] {
    return this.#channel.events;
  }

  /** All events stored since the start. */
  get received(): number {
    return this.#channel.received;
  }

  /** The newest calls, at most `keepEvents`, oldest first. */
  get calls(): readonly CallRecord[] {
    return this.#calls.items;
  }

  get callsTotal(): number {
    return this.#callsTotal;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.size;
  }

  get connectionsTotal(): number {
    return this.#connectionsTotal;
  }

  /** Steps of the script that no call has met yet. */
  get stepsLeft(): number {
    return this.#script.stepsLeft;
  }

  /** Answers the next calls by these steps, in place of what is left of an earlier script. */
  script(steps: readonly ScriptStep[] | ScriptFunction): void {
    this.#script = new Script(steps);
  }

  /**
   * Resolves when `count` events have been stored since the start; rejects after `timeoutMs` and on close().
   * @param options.timeoutMs default 5000
   */
  waitFor(count: number, { timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Promise<void> {
    if (this.received >= count) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        reject(new Error(`${why} for ${count} events, ${this.received} came`));
      };
      const check = (): void => {
        if (this.received < count) return;
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      const timer = setTimeout(() => fail(`waited ${timeoutMs} ms`), timeoutMs);
      const waiter: Waiter = { check, fail };
      if (this.#closed === undefined) this.#waiters.add(waiter);
      else fail('closed while waiting');
    });
  }

  /** Takes the stored events out of the channel, which makes room where `capacity` is set; `events` is empty then. */
  drain(): ReceivedEvent[] {
    return this.#channel.drain();
  }

  /** Resets all connections; new ones are accepted. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.reset('dropped');
  }

  /** Stops listening and destroys all connections; idempotent. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#closing.abort();
      this.#channel.close();
      for (const waiter of [...this.#waiters]) waiter.fail('closed while waiting');
      for (const connection of this.#connections) connection.destroy('the agent was closed');
      for (const socket of this.#sockets) socket.destroy();
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  listen(): Promise<void> {
    const { host, port, path } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path === undefined ? { host, port } : { path }, () => {
        this.#server.off('error', reject);
        if (path === undefined) this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #createServer(): Server {
    const { tls } = this.#options;
    // A client that has sent its last byte is still answered.
    const allowHalfOpen = true;
    if (tls === undefined) {
      const server = new Server({ allowHalfOpen }, (socket) => this.#accept(socket, socket));
      return server.on('connection', (socket) => this.#own(socket));
    }
    const tcpSockets = new Map<string, Socket>();
    const server = createTlsServer({ ...tls, allowHalfOpen } as typeof tls);
    server.prependListener('connection', (socket: Socket) => {
      this.#own(socket);
      const key = peer(socket);
      tcpSockets.set(key, socket);
      socket.once('close', () => tcpSockets.delete(key));
    });
    return server.on('secureConnection', (socket) => this.#accept(socket, tcpSockets.get(peer(socket)) ?? socket));
  }

  #own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #accept(socket: Socket, tcpSocket: Socket): void {
    const id = ++this.#connectionsTotal;
    const connection = new ThriftConnection(socket, {
      id,
      codec: this.#codec,
      framed: this.#options.framed,
      idleTimeoutMs: this.#options.idleTimeoutMs,
      tcpSocket,
      execute: (call, on) => this.#execute(call, on),
      onClose: (reason) => {
        this.#connections.delete(connection);
        this.emit('disconnect', id, reason);
      },
    });
    this.#connections.add(connection);
    this.emit('connection', id);
  }

  /** Stays synchronous where nothing has to be waited for: that is the fast path. */
  #execute(call: Call, connection: ThriftConnection): void | Promise<void> {
    const record = { method: call.method, count: call.events.length, seqid: call.seqid, connection: call.connection };
    this.#callsTotal++;
    this.#calls.push([record]);
    this.emit('call', record);
    let plan: Plan | undefined | Promise<Plan | undefined>;
    try {
      plan = this.#script.next(call);
    } catch (error) {
      plan = Promise.reject(error);
    }
    if (plan === undefined && this.#options.latencyMs === 0) {
      const stored = this.#channel.put(call.events);
      if (!(stored instanceof Promise)) return this.#answer(asFlume, call, record, connection, stored);
      return stored.then((reason) => this.#answer(asFlume, call, record, connection, reason));
    }
    return this.#perform(plan, call, record, connection);
  }

  async #perform(
    decided: Plan | undefined | Promise<Plan | undefined>,
    call: Call,
    record: CallRecord,
    connection: ThriftConnection,
  ): Promise<void> {
    let plan: Plan;
    try {
      plan = (await decided) ?? asFlume;
    } catch (error) {
      connection.close('the script function threw');
      this.emit('error', error as Error);
      return;
    }
    const delayMs = this.#options.latencyMs + plan.delayMs;
    // A client that leaves meanwhile changes nothing: Flume stores the events all the same.
    if (delayMs > 0) await delay(delayMs, undefined, { signal: this.#closing.signal }).catch(() => {});
    if (this.#closed !== undefined) return;
    const refusal = plan.commit ? await this.#channel.put(call.events) : undefined;
    this.#answer(plan, call, record, connection, refusal);
  }

  #answer(
    plan: Plan,
    call: Call,
    record: CallRecord,
    connection: ThriftConnection,
    refusal: string | undefined,
  ): void {
    const { wire } = connection;
    if (refusal !== undefined) {
      connection.send(wire.frame(wire.codec.reply(call.method, call.seqid, status.failed)));
      this.emit('answer', record, `FAILED: ${refusal}`);
      return;
    }
    const { act, label } = plan;
    if (act.kind === 'send') {
      connection.send(act.bytes(wire, call));
      if (act.thenClose) connection.close(`script: ${label}`);
    } else if (act.kind === 'stall') {
      connection.stall();
    } else {
      connection[act.kind](`script: ${label}`);
    }
    this.emit('answer', record, plan === asFlume ? 'OK' : `script: ${label}`);
  }

  #committed(events: readonly ReceivedEvent[]): void {
    const { onEvent } = this.#options;
    if (onEvent !== undefined) for (const event of events) onEvent(event);
    if (this.listenerCount('event') > 0) for (const event of events) this.emit('event', event);
    for (const waiter of [...this.#waiters]) waiter.check();
  }
}

interface Waiter {
  check(): void;
  fail(why: string): void;
}

const asFlume = planOf('ok', 'flume');

function peer(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
