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
}

type State =
  | { readonly tag: 'idle' }
  | { readonly tag: 'connecting' | 'probing' | 'open'; readonly connection: Connection };

interface Outage {
  readonly since: number;
  error: FlumeError;
}

// While somebody waits for the last events (flush, close), an agent that fails is not left alone for longer than this.
const hurriedRestMs = 500;
const emptyBatch: Payload = { count: 0, byteLength: 0, views: [] };

export class Agent {
  readonly endpoint: Endpoint;
  readonly #options: AgentOptions;
  readonly #listener: AgentListener;
  readonly #batchSize: BatchSize;
  #state: State = { tag: 'idle' };
  #rest: Timer | undefined;
  #failures = 0;
  #outage: Outage | undefined;
  #window: number;
  #proven = false;
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
    if (this.#state.tag !== 'open') return this.#state.tag;
    return this.#state.connection.inFlight < this.#window ? 'ready' : 'busy';
  }

  /** It failed, and has not accepted anything since. */
  get isFailing(): boolean {
    return this.#outage !== undefined;
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

  /** Starts to connect. With `probe`, the agent is ready only when it has answered a ping. */
  connect(how?: 'probe'): void {
    if (this.#closed || this.state !== 'idle') return;
    const { connection, ready } = Connection.connect(this.endpoint, this.#options, (error) =>
      this.#disconnected(connection, error),
    );
    this.#state = { tag: 'connecting', connection };
    ready.then(
      () => {
        if (!this.#has(connection)) return;
        this.#state = { tag: how === 'probe' ? 'probing' : 'open', connection };
        if (how === 'probe') this.#probe(connection);
        this.#listener.changed();
      },
      () => {
        // #disconnected has been called.
      },
    );
  }

  /** Sends a batch and settles once. The agent must be ready. */
  send(batch: Payload, settle: Settle): void {
    if (this.#state.tag !== 'open') throw new Error(`the agent is ${this.state}`);
    const { connection } = this.#state;
    connection.call('appendBatch', batch, (error) => {
      if (error === undefined) this.#accepted(batch.count);
      else if (error.code === 'ERR_FLUME_FAILED' || error.code === 'ERR_FLUME_STATUS')
        this.#refused(batch.count, error);
      settle(error);
    });
  }

  /** Cuts a rest short, and keeps later ones short while it is on. */
  hurry(on: boolean): void {
    this.#hurried = on;
    if (on && this.#rest !== undefined) this.#rested();
  }

  /** Ends the connection, and all that is in flight with it, for good. */
  close(): void {
    this.#closed = true;
    this.#rest?.cancel();
    this.#rest = undefined;
    if (this.#state.tag !== 'idle') this.#state.connection.destroy(new FlumeError('ERR_FLUME_CLOSED', 'closed'));
  }

  #has(connection: Connection): boolean {
    return this.#state.tag !== 'idle' && this.#state.connection === connection;
  }

  #probe(connection: Connection): void {
    connection.call('appendBatch', emptyBatch, (error) => {
      if (error !== undefined) {
        connection.destroy(error);
        return;
      }
      this.#state = { tag: 'open', connection };
      this.#accepted(0);
      this.#listener.changed();
    });
  }

  #accepted(count: number): void {
    this.#proven = true;
    this.#batchSize.accepted(count);
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
    if (this.#batchSize.refused(count) === 'full') this.#failed(error);
  }

  #disconnected(connection: Connection, error: FlumeError): void {
    const idle = this.#state.tag === 'open' && error.code === 'ERR_FLUME_CONNECTION_LOST' && !error.ackUnknown;
    if (this.#has(connection)) this.#state = { tag: 'idle' };
    this.#proven = false;
    if (this.#closed) return;
    // A source may close an idle connection: no failure, the next batch opens another.
    if (idle) {
      this.#listener.changed();
    } else {
      this.#window = 1;
      this.#failed(error);
    }
  }

  #failed(error: FlumeError): void {
    const { backoff, clock, random } = this.#options;
    this.#failures += 1;
    const delayMs = backoffMs(backoff, this.#failures, random);
    this.#rest?.cancel();
    this.#rest = clock.after(this.#hurried ? Math.min(delayMs, hurriedRestMs) : delayMs, () => this.#rested());
    if (this.#outage === undefined) {
      this.#outage = { since: clock.now(), error };
      this.#listener.failed(this, error);
    } else {
      this.#outage.error = error;
    }
    this.#listener.changed();
  }

  #rested(): void {
    this.#rest?.cancel();
    this.#rest = undefined;
    this.#listener.changed();
  }
}
