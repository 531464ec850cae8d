// One agent as this process knows it: its endpoint, the connection to it that the batches take in turn, those that one batch
// has to itself, and how it is.

import type { Clock, Random, Timer } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { FlumeError } from '../errors.ts';
import { Connection, type ConnectionOptions, type Payload, type Settle } from '../rpc/connection.ts';
import type { Broken, End, Outcome } from '../rpc/outcome.ts';
import type { AgentState, AgentStats } from '../stats.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { BatchSize, type BatchSizes } from './batch-size.ts';
import { Condition } from './condition.ts';

export type { Outcome } from '../rpc/outcome.ts';

export interface AgentOptions extends ConnectionOptions {
  readonly batchSizes: BatchSizes;
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
  /** It fails, having worked before. */
  failed(agent: Agent, error: FlumeError): void;
  /** It accepted events, having failed `outageMs` ago. */
  recovered(agent: Agent, outageMs: number): void;
  /** It answered a batch that has events, after so long, or the connection ended without an answer. */
  answered(agent: Agent, batch: Payload, durationMs: number, error: FlumeError | undefined): void;
  /** It turned out to take fewer events in a batch than configured. */
  learned(agent: Agent, batchSize: number): void;
}

/** The connection that batches take in turn. `probing`: a ping has to be answered first. `retiring`: too old for new ones. */
type Line =
  | { readonly tag: 'idle' }
  | { readonly tag: 'connecting'; readonly connection: Connection }
  | ({ readonly tag: 'probing' | 'open' | 'retiring' } & Standing);

interface Standing {
  readonly connection: Connection;
  readonly age: Timer | undefined;
  /** It has carried an OK, to a ping at least, and one to events. */
  hasAnswered: boolean;
  hasAccepted: boolean;
}

// Connections that one batch has to itself, at a time.
const maxTrials = 4;
const emptyBatch: Payload = { count: 0, byteLength: 0, views: [] };

export class Agent {
  readonly endpoint: Endpoint;
  readonly #options: AgentOptions;
  readonly #listener: AgentListener;
  readonly #batchSize: BatchSize;
  readonly #condition: Condition;
  #line: Line = { tag: 'idle' };
  readonly #trials = new Set<Connection>();
  /** Batches with events that it answered OK to, ever. */
  #accepted = 0;
  /** Its last answer was OK, so that several calls may be in flight. */
  #isAtEase = true;
  /** In flight. */
  #pings = 0;
  #isClosed = false;

  constructor(endpoint: Endpoint, options: AgentOptions, listener: AgentListener) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
    this.#batchSize = new BatchSize(options.batchSizes, options.clock);
    const backoff = new Backoff(options.backoff, options.random);
    this.#condition = new Condition(backoff, options.clock, () => listener.changed());
  }

  get state(): AgentState {
    if (this.#condition.isResting) return 'resting';
    const line = this.#line;
    if (line.tag === 'retiring') return 'busy';
    if (line.tag !== 'open') return line.tag;
    return line.connection.inFlight < (this.#isAtEase ? this.#options.maxInFlight : 1) ? 'ready' : 'busy';
  }

  /** `shaken`: it failed once, and has accepted nothing since. */
  get condition(): Condition['tag'] {
    return this.#condition.tag;
  }

  /** Milliseconds since it last failed, where it has accepted nothing since. */
  get sinceFailureMs(): number {
    return this.#condition.sinceFailureMs;
  }

  /** It is not well, but has answered a ping since it last failed. */
  get isPromising(): boolean {
    return this.#condition.isPromising;
  }

  /** It has answered OK on the connection that stands. */
  get isProven(): boolean {
    return this.#line.tag === 'open' && this.#line.hasAnswered;
  }

  get isOpen(): boolean {
    return this.#line.tag === 'open';
  }

  /** Most events that it takes in the next batch. */
  get batchSize(): number {
    return this.#batchSize.next;
  }

  /** So many events are not too many for it. */
  takes(count: number): boolean {
    return this.#batchSize.isUsual(count);
  }

  /** It can be sent a batch on a connection of its own. */
  get canTry(): boolean {
    if (this.#isClosed || this.#condition.isResting) return false;
    // A ping is to show first whether it is well.
    if (this.#pings > 0 || this.#line.tag === 'probing') return false;
    return this.#trials.size < (this.#condition.tag === 'well' ? maxTrials : 1);
  }

  get stats(): AgentStats {
    return {
      name: this.endpoint.name,
      state: this.state,
      inFlight: [...this.#trials].reduce((sum, { inFlight }) => sum + inFlight, this.#inFlight),
      failures: this.#condition.failures,
      batchSize: this.#batchSize.usual,
      lastError: this.#condition.error?.message,
    };
  }

  /** Sees to it that the agent answers something, if only a ping, where it has not and there is nothing to send. */
  prove(): void {
    this.connect(() => true);
    const line = this.#line;
    if (this.state !== 'ready' || line.tag !== 'open' || line.hasAnswered) return;
    if (line.connection.inFlight === 0) this.#probe(line.connection);
  }

  /** Asks by a ping whether it is there, unless a call is to tell already. */
  question(): void {
    if (this.#inFlight > 0 || this.#condition.isResting) return;
    if (this.#line.tag === 'open') this.#probe(this.#line.connection);
    else this.connect(() => true);
  }

  /** Starts to connect. Where `probes` says so when it is connected, the agent is ready only when it has answered a ping. */
  connect(probes: () => boolean): void {
    if (this.#isClosed || this.state !== 'idle') return;
    const connection = new Connection(this.endpoint, this.#options, {
      opened: () => this.#connected(connection, probes()),
      closed: (end) => this.#disconnected(end),
    });
    this.#line = { tag: 'connecting', connection };
  }

  /** Sends a batch and settles once. The agent must be ready. */
  send(batch: Payload, settle: Settle): void {
    if (this.#line.tag !== 'open') throw new Error(`the agent is ${this.state}`);
    this.#batchSize.sent(batch.count);
    this.#call(this.#line.connection, batch, (outcome) => {
      if (outcome.tag === 'refused') this.#refused(batch.count, outcome.error);
      settle(outcome);
    });
  }

  /** Sends a batch on a connection of its own, so that no other waits for it, and settles once. */
  try(batch: Payload, settle: Settle): void {
    const acceptedBefore = this.#accepted;
    let isSent = false;
    const connection = new Connection(this.endpoint, this.#options, {
      opened: () => {
        isSent = true;
        this.#call(connection, batch, (outcome) => {
          // Where others have passed meanwhile, or are under way, they show how the agent is.
          if (this.#accepted === acceptedBefore && this.#inFlight === 0) this.#doubted(outcome, batch.count);
          settle(outcome);
          connection.destroy(closedError('the trial is over'));
        });
      },
      closed: ({ tag, error }) => {
        this.#trials.delete(connection);
        if (tag === 'unreachable' && !this.isOpen && !this.#isClosed) this.#away(error);
        if (!isSent) settle(unsent(error));
        if (!this.#isClosed) this.#listener.changed();
      },
    });
    this.#trials.add(connection);
  }

  /** Keeps the rest that there is, and later ones, short while it is on. */
  hurry(on: boolean): void {
    this.#condition.hurry(on);
  }

  /** Ends the connections, and all that is in flight with them, for good. */
  close(): void {
    this.#isClosed = true;
    this.#condition.close();
    const error = closedError('closed');
    if (this.#line.tag !== 'idle') this.#line.connection.destroy(error);
    for (const connection of this.#trials) connection.destroy(error);
  }

  /** Of the line. */
  get #inFlight(): number {
    return this.#line.tag === 'idle' ? 0 : this.#line.connection.inFlight;
  }

  #call(connection: Connection, batch: Payload, settle: Settle): void {
    const { clock } = this.#options;
    const sentAt = clock.now();
    connection.call('appendBatch', batch, (outcome) => {
      const durationMs = clock.now() - sentAt;
      if (outcome.tag === 'accepted') this.#acceptedBatch(connection, batch.count);
      settle(outcome);
      this.#listener.answered(this, batch, durationMs, outcome.tag === 'accepted' ? undefined : outcome.error);
      this.#retireDrained();
    });
  }

  /** Leaves the state that there is, and ends what it owns. */
  #become(next: Line): void {
    const last = this.#line;
    this.#line = next;
    if ('age' in last && !('age' in next && next.age === last.age)) last.age?.cancel();
  }

  #connected(connection: Connection, probes: boolean): void {
    const { clock, connectionMaxAgeMs } = this.#options;
    const age = connectionMaxAgeMs === 0 ? undefined : clock.after(connectionMaxAgeMs, () => this.#retire());
    this.#become({ tag: probes ? 'probing' : 'open', connection, age, hasAnswered: false, hasAccepted: false });
    if (probes) this.#probe(connection);
    this.#listener.changed();
  }

  #probe(connection: Connection): void {
    this.#pings += 1;
    connection.call('appendBatch', emptyBatch, (outcome) => {
      this.#pings -= 1;
      if (outcome.tag === 'broken') return;
      if (outcome.tag === 'refused') {
        connection.destroy(outcome.error);
        this.#failed(outcome.error);
        return;
      }
      if ('hasAnswered' in this.#line) this.#line.hasAnswered = true;
      if (this.#line.tag === 'probing') this.#become({ ...this.#line, tag: 'open' });
      this.#condition.answered();
      this.#listener.changed();
      this.#retireDrained();
    });
  }

  #retire(): void {
    if (this.#line.tag !== 'open' && this.#line.tag !== 'probing') return;
    this.#become({ ...this.#line, tag: 'retiring' });
    this.#retireDrained();
  }

  /** Replaces a connection that is too old, when nothing is in flight on it: by the next batch, its name resolved anew. */
  #retireDrained(): void {
    if (this.#line.tag !== 'retiring' || this.#inFlight > 0) return;
    this.#line.connection.destroy(closedError('older than connectionMaxAgeMs'));
  }

  #acceptedBatch(connection: Connection, count: number): void {
    if ('hasAnswered' in this.#line && this.#line.connection === connection) {
      this.#line.hasAnswered = true;
      this.#line.hasAccepted = true;
    }
    this.#accepted += 1;
    this.#isAtEase = true;
    if (this.#batchSize.accepted(count) === 'learned') this.#listener.learned(this, this.#batchSize.usual);
    const outageMs = this.#condition.accepted();
    if (outageMs !== undefined) this.#listener.recovered(this, outageMs);
  }

  /** The agent will not have the batch, but the connection is as good as before. */
  #refused(count: number, error: FlumeError): void {
    this.#isAtEase = false;
    const isFull = this.#condition.tag !== 'well';
    if (this.#batchSize.refused(count, isFull)) return;
    this.#doubt(this.#fullError(error));
  }

  /** A batch failed on a connection of its own, and nothing else shows how the agent is. */
  #doubted(outcome: Outcome, count: number): void {
    const isWell = this.condition === 'well';
    if (outcome.tag === 'broken' && outcome.how !== 'given up') {
      if (isWell) this.question();
      else this.#doubt(outcome.error);
    } else if (outcome.tag === 'refused' && this.takes(count) && !isWell) {
      this.#doubt(this.#fullError(outcome.error));
    }
  }

  #fullError(error: FlumeError): FlumeError {
    const full = `Flume agent ${this.endpoint.name}: its channel is full: it refuses what it took before`;
    return error.code === 'ERR_FLUME_FAILED' ? new FlumeError(error.code, full) : error;
  }

  #disconnected({ tag, error }: End): void {
    const line = this.#line;
    this.#become({ tag: 'idle' });
    if (this.#isClosed) return;
    switch (tag) {
      // We retire an old one: the next batch opens another.
      case 'given up':
        break;
      // A source may close an idle connection. One that closes before it was asked anything may do so for ever: it is no
      // failure yet, but must not become a loop.
      case 'idle':
        if (!('hasAnswered' in line) || !line.hasAnswered) this.#condition.rest();
        break;
      // One that had accepted something is replaced at once.
      case 'broken':
        this.#batchSize.broken();
        if ('hasAccepted' in line && line.hasAccepted) return this.#doubt(error);
        return this.#failed(error);
      default:
        return this.#away(error);
    }
    this.#listener.changed();
  }

  /** It cannot be reached: where it is again, it was started anew. */
  #away(error: FlumeError): void {
    this.#batchSize.restarted();
    this.#failed(error);
  }

  #doubt(error: FlumeError): void {
    this.#isAtEase = false;
    if (this.#condition.doubt(error) === 'begun') this.#listener.failed(this, error);
    this.#listener.changed();
  }

  #failed(error: FlumeError): void {
    this.#isAtEase = false;
    if (this.#condition.fail(error) === 'begun') this.#listener.failed(this, error);
    this.#listener.changed();
  }
}

function closedError(why: string): FlumeError {
  return new FlumeError('ERR_FLUME_CLOSED', why);
}

/** The batch did not even leave. */
function unsent(error: FlumeError): Broken {
  return { tag: 'broken', how: 'given up', isOldest: false, error };
}
