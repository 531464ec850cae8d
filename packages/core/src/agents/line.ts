// The connection that an agent's batches take in turn: from the first attempt until it ends, or is too old and drained. Each
// state owns what it holds, and leaving it ends that.

import type { Clock, Random, Timer } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { FlumeError } from '../errors.ts';
import { Connection, type ConnectionOptions, type Payload, type Settle } from '../rpc/connection.ts';
import type { End } from '../rpc/outcome.ts';

export interface LineOptions extends ConnectionOptions {
  /** 0: no limit. */
  readonly connectionMaxAgeMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

export interface LineListener {
  /** It stands. */
  opened(): void;
  /** The agent answered a ping: with OK, or with an error, which ended the connection. */
  pinged(refusal: FlumeError | undefined): void;
  /** It is over. `hasAnswered`: it had carried an OK, to a ping at least; `hasAccepted`: to events. */
  ended(end: End, hasAnswered: boolean, hasAccepted: boolean): void;
}

/** `probing`: a ping has to be answered first. `retiring`: too old for new batches. */
type State =
  | { readonly tag: 'idle' }
  | { readonly tag: 'connecting'; readonly connection: Connection }
  | ({ readonly tag: 'probing' | 'open' | 'retiring' } & Standing);

interface Standing {
  readonly connection: Connection;
  readonly age: Timer | undefined;
  hasAnswered: boolean;
  hasAccepted: boolean;
}

const emptyBatch: Payload = { count: 0, byteLength: 0, views: [] };

export class Line {
  readonly #endpoint: Endpoint;
  readonly #options: LineOptions;
  readonly #listener: LineListener;
  #state: State = { tag: 'idle' };
  /** In flight. */
  #pings = 0;

  constructor(endpoint: Endpoint, options: LineOptions, listener: LineListener) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
  }

  get tag(): State['tag'] {
    return this.#state.tag;
  }

  get inFlight(): number {
    return this.#state.tag === 'idle' ? 0 : this.#state.connection.inFlight;
  }

  get isOpen(): boolean {
    return this.#state.tag === 'open';
  }

  /** It is open, and has carried an OK. */
  get isProven(): boolean {
    return this.#state.tag === 'open' && this.#state.hasAnswered;
  }

  /** A ping is to show whether the agent is well. */
  get isAsking(): boolean {
    return this.#pings > 0 || this.#state.tag === 'probing';
  }

  /** Starts to connect. Where `probes` says so when it stands, a ping has to be answered before it is open. */
  connect(probes: () => boolean): void {
    const connection = new Connection(this.#endpoint, this.#options, {
      opened: () => this.#opened(connection, probes()),
      closed: (end) => this.#closed(end),
    });
    this.#state = { tag: 'connecting', connection };
  }

  /** Sends a batch; the line must be open. */
  send(batch: Payload, settle: Settle): void {
    if (this.#state.tag !== 'open') throw new Error(`the line is ${this.#state.tag}`);
    this.#state.connection.call('appendBatch', batch, settle);
  }

  /** Events that it carried were accepted. */
  accepted(): void {
    if (!('hasAccepted' in this.#state)) return;
    this.#state.hasAnswered = true;
    this.#state.hasAccepted = true;
  }

  /** Sends a ping; the line must stand. */
  probe(): void {
    if (!('hasAnswered' in this.#state)) return;
    const { connection } = this.#state;
    this.#pings += 1;
    connection.call('appendBatch', emptyBatch, (outcome) => {
      this.#pings -= 1;
      if (outcome.tag === 'broken') return;
      if (outcome.tag === 'refused') {
        connection.destroy(outcome.error);
        this.#listener.pinged(outcome.error);
        return;
      }
      if ('hasAnswered' in this.#state) this.#state.hasAnswered = true;
      if (this.#state.tag === 'probing') this.#become({ ...this.#state, tag: 'open' });
      this.#listener.pinged(undefined);
      this.settled();
    });
  }

  /** A call has settled. Replaces a connection that is too old, when nothing is in flight on it: by the next batch. */
  settled(): void {
    if (this.#state.tag !== 'retiring' || this.inFlight > 0) return;
    this.#state.connection.destroy(new FlumeError('ERR_FLUME_CLOSED', 'older than connectionMaxAgeMs'));
  }

  destroy(error: FlumeError): void {
    if (this.#state.tag !== 'idle') this.#state.connection.destroy(error);
  }

  #opened(connection: Connection, probes: boolean): void {
    const age = this.#watchAge();
    this.#become({ tag: probes ? 'probing' : 'open', connection, age, hasAnswered: false, hasAccepted: false });
    if (probes) this.probe();
    this.#listener.opened();
  }

  /** Connections of many clients that were made together, after an outage say, are not to be replaced together. */
  #watchAge(): Timer | undefined {
    const { clock, random, connectionMaxAgeMs } = this.#options;
    if (connectionMaxAgeMs === 0) return undefined;
    return clock.after(connectionMaxAgeMs * (1 - random() / 2), () => this.#retire());
  }

  #retire(): void {
    if (this.#state.tag !== 'open' && this.#state.tag !== 'probing') return;
    this.#become({ ...this.#state, tag: 'retiring' });
    this.settled();
  }

  #closed(end: End): void {
    const last = this.#state;
    this.#become({ tag: 'idle' });
    const isStanding = 'hasAnswered' in last;
    this.#listener.ended(end, isStanding && last.hasAnswered, isStanding && last.hasAccepted);
  }

  #become(next: State): void {
    const last = this.#state;
    this.#state = next;
    if ('age' in last && !('age' in next && next.age === last.age)) last.age?.cancel();
  }
}
