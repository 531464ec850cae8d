// The agent: a listener, its connections, the source that answers them, and the channel where events go.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { CallRecord, ReceivedEvent } from './call.ts';
import { Listener } from './listener.ts';
import { MemoryBudget } from './memory-budget.ts';
import { MessageCodec } from './message.ts';
import type { DevAgentOptions, ResolvedOptions } from './options.ts';
import { resolveOptions } from './options.ts';
import { RecentList } from './recent-list.ts';
import type { ScriptFunction, ScriptStep } from './script.ts';
import { Source } from './source.ts';
import { SourceChannel } from './source-channel.ts';
import { ThriftConnection } from './thrift-connection.ts';
import { configuredRoute } from './web/configured-route.ts';
import { ControlServer } from './web/control-server.ts';
import type { AgentView } from './web/control-view.ts';
import { Monitor } from './web/monitor.ts';

/** The events of on() and once(). */
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
  readonly #source: Source;
  readonly #listener: Listener;
  readonly #calls: RecentList<CallRecord>;
  readonly #connections = new Set<ThriftConnection>();
  /** Both are there with the option `ui` only. */
  readonly #monitor: Monitor | undefined;
  readonly #control: ControlServer | undefined;
  readonly #budget = new MemoryBudget(heldBytes);
  readonly #waiters = new Set<Waiter>();
  readonly #closing = new AbortController();
  #callsTotal = 0;
  #connectionsTotal = 0;
  #port = 0;
  #uiPort: number | undefined;
  #closed: Promise<void> | undefined;

  /** @internal Use startDevAgent(). */
  constructor(options: ResolvedOptions) {
    super();
    this.#options = options;
    this.#codec = new MessageCodec(options.protocol);
    this.#calls = new RecentList({ items: options.keepEvents, bytes: Infinity }, () => 0);
    this.#channel = new SourceChannel(options, (events, from) => this.#committed(events, from));
    this.#source = new Source(
      { channel: this.#channel, latencyMs: options.latencyMs, signal: this.#closing.signal },
      {
        called: (call) => this.#called(call),
        answered: (call, answer) => this.#answered(call, answer),
        failed: (error) => this.emit('error', error),
      },
    );
    this.#source.script(options.script);
    if (options.ui !== undefined) {
      this.#monitor = new Monitor();
      this.#control = this.#openControl(options.ui, this.#monitor);
    }
    this.#listener = new Listener(options.tls, (socket, tcpSocket) => this.#accept(socket, tcpSocket));
  }

  /** Where it listens; 0 with a Unix socket. */
  get port(): number {
    return this.#port;
  }

  get host(): string {
    return this.#options.host;
  }

  /** Where the page is; undefined without it. */
  get uiPort(): number | undefined {
    return this.#uiPort;
  }

  get path(): string | undefined {
    return this.#options.path;
  }

  /** The newest stored events, at most `keepEvents` and `keepBytes`, oldest first. */
  get events(): readonly ReceivedEvent[] {
    return this.#channel.log.events;
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
    return this.#source.stepsLeft;
  }

  /** Answers the next calls by these steps, in place of what is left of an earlier script. */
  script(steps: readonly ScriptStep[] | ScriptFunction): void {
    this.#source.script(steps);
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
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  async listen(): Promise<void> {
    const { host, port, path } = this.#options;
    this.#port = await this.#listener.listen(path === undefined ? { host, port } : { path });
    try {
      this.#uiPort = await this.#control?.listen();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #openControl(port: number, monitor: Monitor): ControlServer {
    const { conf, confAgent, uiHost, protocol, framed, tls } = this.#options;
    const route = conf === undefined ? undefined : configuredRoute(conf, confAgent);
    const about = (): AgentView => {
      const { host, port: thriftPort, path = null } = this;
      return { host, port: thriftPort, path, protocol, framed, tls: tls !== undefined, conf: conf ?? null };
    };
    const source = this.#source;
    return new ControlServer(
      { host: uiHost, port, route },
      {
        log: this.#channel.log,
        monitor,
        get about() {
          return about();
        },
        get plan() {
          return source.plan;
        },
        script: (steps) => this.script(steps),
        drain: () => this.drain(),
        dropConnections: () => this.dropConnections(),
      },
    );
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#channel.close();
    for (const waiter of this.#waiters) waiter.fail('closed while waiting');
    for (const connection of this.#connections) connection.destroy('the agent was closed');
    await Promise.all([this.#listener.close(), this.#control?.close()]);
  }

  #accept(socket: Socket, tcpSocket: Socket): void {
    const id = ++this.#connectionsTotal;
    const { framed, idleTimeoutMs, requestTimeoutMs } = this.#options;
    const connection: ThriftConnection = new ThriftConnection(
      socket,
      { id, codec: this.#codec, framed, idleTimeoutMs, requestTimeoutMs, tcpSocket, budget: this.#budget },
      {
        execute: (call, on) => this.#source.execute(call, on),
        closed: (reason) => {
          this.#connections.delete(connection);
          this.#monitor?.disconnected(id);
          this.emit('disconnect', id, reason);
        },
      },
    );
    this.#connections.add(connection);
    this.#monitor?.connected(id);
    this.emit('connection', id);
  }

  #called(call: CallRecord): void {
    this.#callsTotal++;
    this.#calls.push(call);
    this.#monitor?.called(call);
    this.emit('call', call);
  }

  #answered(call: CallRecord, answer: string): void {
    this.#monitor?.answered(call, answer);
    this.emit('answer', call, answer);
  }

  #committed(events: readonly ReceivedEvent[], from: number): void {
    this.#monitor?.committed(events, from);
    const { onEvent } = this.#options;
    if (onEvent !== undefined) for (const event of events) onEvent(event);
    if (this.listenerCount('event') > 0) for (const event of events) this.emit('event', event);
    for (const waiter of this.#waiters) waiter.check();
  }
}

/** Half requests, and calls that wait, of all connections together. */
const heldBytes = 256 * 1024 * 1024;

interface Waiter {
  check(): void;
  fail(why: string): void;
}
