// One agent as this process knows it: its endpoint, the connection to it, and its health. After a failure it rests for a
// while, longer each time; the first OK makes it healthy again.

import type { Clock, Random, Timer } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { FlumeError } from '../errors.ts';
import { Connection, type ConnectionOptions, type Payload, type Settle } from '../rpc/connection.ts';
import type { AgentState, AgentStats } from '../stats.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import { BatchSize } from './batch-size.ts';

export interface AgentOptions extends ConnectionOptions {
  readonly batchSize: number;
  readonly maxInFlight: number;
  /** 0: no limit. */
  readonly connectionMaxAgeMs: number;
  readonly backoff: BackoffOptions;
  readonly clock: Clock;
  readonly random: Random;
}

/** What an agent tells those who use it. */
export interface AgentListener {
  /** It may be able to do now what it was not a moment ago. */
  changed(): void;
  /** It failed, having been healthy. */
  failed(agent: Agent, error: FlumeError): void;
  /** It accepted events, having failed `outageMs` ago. */
  recovered(agent: Agent, outageMs: number): void;
  /** It answered a batch that has events, after so long, or the connection ended without an answer. */
  answered(agent: Agent, batch: Payload, durationMs: number, error: FlumeError | undefined): void;
  /** It turned out to take fewer events in a batch than configured. */
  learned(agent: Agent, batchSize: number): void;
}

type State =
  | { readonly tag: 'idle' }
  | { readonly tag: 'connecting' | 'probing' | 'open' | 'retiring'; readonly connection: Connection };

interface Outage {
  readonly since: number;
  error: FlumeError;
}

// While somebody waits for the last events (flush, close), an agent that fails is not left alone for longer than this.
const hurriedRestMs = 500;
// The agent is well, but will not have this batch.
const isRefusal = ({ code }: FlumeError): boolean => code === 'ERR_FLUME_FAILED' || code === 'ERR_FLUME_STATUS';
const emptyBatch: Payload = { count: 0, byteLength: 0, views: [] };

export class Agent {
  readonly endpoint: Endpoint;
  /** Batches with events that it answered OK to, ever. */
  acceptedBatches = 0;
  readonly #options: AgentOptions;
  readonly #listener: AgentListener;
  readonly #batchSize: BatchSize;
  #state: State = { tag: 'idle' };
  #rest: Timer | undefined;
  #restEnd = 0;
  #maxAge: Timer | undefined;
  #failures = 0;
  #outage: Outage | undefined;
  #window: number;
  #proven = false;
  #promising = false;
  #hurried = false;
  #closed = false;

  constructor(endpoint: Endpoint, options: AgentOptions, listener: AgentListener) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
    this.#window = options.maxInFlight;
    this.#batchSize = new BatchSize(options.batchSize);
  }

  get state(): AgentState {
    if (this.#rest !== undefined) return 'resting';
    if (this.#state.tag === 'retiring') return 'busy';
    if (this.#state.tag !== 'open') return this.#state.tag;
    return this.#state.connection.inFlight < this.#window ? 'ready' : 'busy';
  }

  /** It failed, and has not accepted anything since. */
  get isFailing(): boolean {
    return this.#outage !== undefined;
  }

  /** It failed, but has answered a ping since. */
  get isPromising(): boolean {
    return this.#promising;
  }

  /** It has answered OK on the connection that stands. */
  get isProven(): boolean {
    return this.#proven && this.isOpen;
  }

  get isOpen(): boolean {
    return this.#state.tag === 'open';
  }

  /** Most events that it takes in the next batch. */
  get batchSize(): number {
    return this.#batchSize.next;
  }

  get stats(): AgentStats {
    return {
      name: this.endpoint.name,
      state: this.state,
      inFlight: this.#state.tag === 'idle' ? 0 : this.#state.connection.inFlight,
      failures: this.#failures,
      batchSize: this.#batchSize.learned ?? this.#options.batchSize,
      lastError: this.#outage?.error.message,
    };
  }

  /** Sees to it that the agent answers something, if only a ping, where it has not and there is nothing to send. */
  prove(): void {
    this.connect(() => true);
    if (this.state !== 'ready' || this.#proven || this.#state.tag !== 'open') return;
    if (this.#state.connection.inFlight === 0) this.#probe(this.#state.connection);
  }

  /** Starts to connect. Where `probes` says so when it is connected, the agent is ready only when it has answered a ping. */
  connect(probes: () => boolean): void {
    if (this.#closed || this.state !== 'idle') return;
    const connection = new Connection(this.endpoint, this.#options, {
      opened: () => this.#connected(connection, probes()),
      closed: (error) => this.#disconnected(error),
    });
    this.#state = { tag: 'connecting', connection };
  }

  /** Sends a batch and settles once. The agent must be ready. */
  send(batch: Payload, settle: Settle): void {
    if (this.#state.tag !== 'open') throw new Error(`the agent is ${this.state}`);
    const { connection } = this.#state;
    const { clock } = this.#options;
    const sentAt = clock.now();
    connection.call('appendBatch', batch, (error, blamed) => {
      const durationMs = clock.now() - sentAt;
      if (error === undefined) this.#accepted(batch.count);
      else if (isRefusal(error)) this.#refused(batch.count, error);
      settle(error, blamed);
      this.#listener.answered(this, batch, durationMs, error);
      this.#retireDrained();
    });
  }

  /** Keeps the rest that there is, and later ones, short while it is on. */
  hurry(on: boolean): void {
    this.#hurried = on;
    if (on && this.#rest !== undefined)
      this.#restUntil(Math.min(this.#restEnd, this.#options.clock.now() + hurriedRestMs));
  }

  /** Ends the connection, and all that is in flight with it, for good. */
  close(): void {
    this.#closed = true;
    this.#rest?.cancel();
    this.#rest = undefined;
    if (this.#state.tag !== 'idle') this.#state.connection.destroy(new FlumeError('ERR_FLUME_CLOSED', 'closed'));
  }

  #connected(connection: Connection, probes: boolean): void {
    const { clock, connectionMaxAgeMs } = this.#options;
    this.#state = { tag: probes ? 'probing' : 'open', connection };
    if (connectionMaxAgeMs > 0) {
      this.#maxAge = clock.after(connectionMaxAgeMs, () => {
        this.#state = { tag: 'retiring', connection };
        this.#retireDrained();
      });
    }
    if (probes) this.#probe(connection);
    this.#listener.changed();
  }

  #probe(connection: Connection): void {
    connection.call('appendBatch', emptyBatch, (error) => {
      if (error !== undefined) {
        connection.destroy(error);
        return;
      }
      if (this.#state.tag === 'probing') this.#state = { tag: 'open', connection };
      this.#accepted(0);
      this.#listener.changed();
      this.#retireDrained();
    });
  }

  /** Replaces a connection that is too old, when nothing is in flight on it: by the next batch, its name resolved anew. */
  #retireDrained(): void {
    if (this.#state.tag !== 'retiring' || this.#state.connection.inFlight > 0) return;
    this.#state.connection.destroy(new FlumeError('ERR_FLUME_CLOSED', 'older than connectionMaxAgeMs'));
  }

  #accepted(count: number): void {
    this.#proven = true;
    this.#promising = this.#outage !== undefined;
    // A ping shows that the connection is good, and not that the agent takes events: an outage lasts until it does.
    if (count === 0) return;
    this.#promising = false;
    this.acceptedBatches += 1;
    if (this.#batchSize.accepted(count) === 'learned') this.#listener.learned(this, count);
    this.#window = this.#options.maxInFlight;
    this.#failures = 0;
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    this.#listener.recovered(this, this.#options.clock.now() - outage.since);
  }

  /** The agent will not have the batch, but the connection is as good as before. */
  #refused(count: number, error: FlumeError): void {
    this.#window = 1;
    if (this.#batchSize.refused(count) !== 'full') return;
    const full = `Flume agent ${this.endpoint.name}: its channel is full: it refuses a single event`;
    this.#failed(error.code === 'ERR_FLUME_FAILED' ? new FlumeError(error.code, full) : error);
  }

  #disconnected(error: FlumeError): void {
    // A source may close an idle connection, and we retire an old one: no failure, the next batch opens another.
    const retired = error.code === 'ERR_FLUME_CLOSED';
    const idle = this.#state.tag === 'open' && error.code === 'ERR_FLUME_CONNECTION_LOST' && !error.ackUnknown;
    const wasProven = this.#proven;
    this.#state = { tag: 'idle' };
    this.#maxAge?.cancel();
    this.#proven = false;
    if (this.#closed) return;
    if (!retired && !idle) {
      this.#window = 1;
      this.#failed(error);
      return;
    }
    // One that closes before it was asked anything may do so for ever: it is no failure yet, but must not become a loop.
    if (!retired && !wasProven) this.#beginRest();
    this.#listener.changed();
  }

  #failed(error: FlumeError): void {
    this.#promising = false;
    this.#beginRest();
    if (this.#outage === undefined) {
      this.#outage = { since: this.#options.clock.now(), error };
      this.#listener.failed(this, error);
    } else {
      this.#outage.error = error;
    }
    this.#listener.changed();
  }

  #beginRest(): void {
    const { backoff, clock, random } = this.#options;
    this.#failures += 1;
    const delayMs = backoffMs(backoff, this.#failures, random);
    this.#restUntil(clock.now() + (this.#hurried ? Math.min(delayMs, hurriedRestMs) : delayMs));
  }

  #restUntil(end: number): void {
    const { clock } = this.#options;
    this.#rest?.cancel();
    this.#restEnd = end;
    this.#rest = clock.after(Math.max(0, end - clock.now()), () => this.#rested());
  }

  #rested(): void {
    this.#rest = undefined;
    this.#listener.changed();
  }
}
