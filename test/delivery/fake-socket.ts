// A socket between the process and a simulated agent: what either end does reaches the other later, in order, unless it is
// lost on the way. It watches what the process does with it and tells the oracle.

import type { Socket } from '../../packages/core/src/rpc/socket.ts';
import type { Chance } from './chance.ts';
import type { Call, Oracle } from './oracle.ts';
import type { Settings } from './scenario.ts';
import { readRequest } from './thrift-frames.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What all of a simulation share. */
export interface World {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly oracle: Oracle;
  readonly settings: Settings;
  readonly log: (line: () => string) => void;
}

/** The agent's end. */
export interface Peer {
  /** Its place in the list of agents. */
  readonly index: number;
  /** One way, now. */
  latencyMs(): number;
  received(call: Call, at: number): void;
}

/**
 * What the process has to make of bytes: `ok`, `refused` and `exception` complete the reply to the oldest call, `strange` is
 * nothing that a Flume source says, `part` completes nothing, nor does `strange part`, which may betray itself already.
 */
export type Verdict = 'ok' | 'refused' | 'exception' | 'strange' | 'part' | 'strange part';

type Arrival = { readonly at: number } & (
  | { readonly event: 'connect' | 'end' }
  | { readonly event: 'error'; readonly code: string }
  | { readonly event: 'data'; readonly bytes: Buffer; readonly verdict: Verdict }
);

// A listener of any of the events.
// oxlint-disable-next-line typescript/no-explicit-any
type Listener = (argument?: any) => void;

// Of sums of fractions of milliseconds.
const rounding = 1e-6;

export class FakeSocket implements Socket {
  readonly peer: Peer;
  readonly #world: World;
  readonly #listeners = new Map<string, Listener>();
  /** Sent by the agent, not yet read by the process, in order. */
  readonly #inbox: Arrival[] = [];
  /** Calls without an answer, as the process sees it. */
  readonly #calls: Call[] = [];
  /** All that were made on it. */
  readonly #made: Call[] = [];
  readonly #dialedAt: number;
  /** Of the request that is being written. */
  #chunks: Uint8Array[] = [];
  /** Requests that were written and have not left yet. */
  #corked: (() => void)[] = [];
  #corks = 0;
  #openedAt: number | undefined;
  #oldestSince = 0;
  /** The process has got a reason that it must give the connection up for, or one that it may. */
  #broken = false;
  #excused = false;
  #lastArrivalAt = 0;
  #lastSentAt = 0;
  destroyed = false;

  constructor(peer: Peer, world: World) {
    this.peer = peer;
    this.#world = world;
    this.#dialedAt = world.clock.now();
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, listener);
    return this;
  }

  unref(): void {}

  cork(): void {
    this.#corks += 1;
  }

  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    const frame = Buffer.concat(this.#chunks);
    if (frame.length >= 4 && frame.length >= 4 + frame.readInt32BE(0)) this.#called(frame);
    if (this.#corks === 0) this.#flush();
  }

  uncork(): void {
    this.#corks -= 1;
    if (this.#corks === 0) this.#flush();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#corked = [];
    const { clock, oracle, log } = this.#world;
    log(() => `the process closes its connection to agent ${this.peer.index}, ${this.#calls.length} in flight`);
    this.#checkReason();
    // Where the process has waited long enough, the oldest call is why.
    if (!oracle.mayClose() && this.#calls[0] !== undefined) this.#calls[0].isStruck = true;
    if ((this.#calls.length > 0 && !this.#isOfOne) || this.#openedAt === undefined) oracle.shut(this.peer.index);
    oracle.lost(this.#calls.splice(0));
    oracle.closed(this.peer.index);
    clock.at(clock.now(), () => this.#emit('close'));
  }

  /** The agent accepts the connection. */
  accept(at: number): void {
    this.#arrive({ at: at + this.peer.latencyMs(), event: 'connect' });
  }

  /** The agent says something. In pieces, at times. */
  say(bytes: Buffer, verdict: Verdict, at: number): void {
    const { chance } = this.#world;
    const middle = chance.is(0.1) ? chance.integer(1, bytes.length - 1) : 0;
    if (middle > 0) {
      const part = verdict === 'strange' ? 'strange part' : 'part';
      this.#arrive({ at: at + this.peer.latencyMs(), event: 'data', bytes: bytes.subarray(0, middle), verdict: part });
    }
    this.#arrive({ at: at + this.peer.latencyMs(), event: 'data', bytes: bytes.subarray(middle), verdict });
  }

  end(at: number): void {
    this.#arrive({ at: at + this.peer.latencyMs(), event: 'end' });
  }

  reset(at: number, code = 'ECONNRESET'): void {
    this.#arrive({ at: at + this.peer.latencyMs(), event: 'error', code });
  }

  /** The process has made a call: it counts as sent from now on. */
  #called(frame: Buffer): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    const { clock, oracle, settings, log } = this.#world;
    const now = clock.now();
    if (this.destroyed || this.#openedAt === undefined)
      oracle.violated('bytes are written to a socket that is not open');
    let call: Call;
    try {
      call = oracle.sent(readRequest(frame, settings.protocol), this.peer.index, this.#calls.length);
    } catch (error) {
      oracle.violated(`a request is malformed: ${String(error)}`);
      return;
    }
    log(() => `sent to agent ${this.peer.index}: call ${call.sequenceId} of ${call.ids.join(' ') || 'nothing'}`);
    this.#calls.push(call);
    this.#made.push(call);
    if (this.#calls.length === 1) this.#oldestSince = now;
    this.#corked.push(() => {
      this.#lastSentAt = Math.max(this.#lastSentAt, now + this.peer.latencyMs());
      clock.at(this.#lastSentAt, (at) => {
        // Until they are gone, the bytes lie in the process: nobody may have written over them.
        if (!this.destroyed && !Buffer.concat(chunks).equals(frame)) oracle.violated('bytes in flight have changed');
        this.peer.received(call, at);
      });
    });
  }

  #flush(): void {
    if (this.#chunks.length > 0) this.#world.oracle.violated('a part of a request is sent');
    for (const leave of this.#corked.splice(0)) leave();
  }

  #arrive(arrival: Arrival): void {
    // One of those before may be slow, but nothing overtakes it.
    this.#lastArrivalAt = Math.max(this.#lastArrivalAt, arrival.at);
    this.#inbox.push({ ...arrival, at: this.#lastArrivalAt });
    this.#world.clock.at(this.#lastArrivalAt, () => this.#read());
  }

  #read(): void {
    const { clock, oracle, chance, log } = this.#world;
    const now = clock.now();
    const arrival = this.#inbox[0];
    if (arrival === undefined || arrival.at > now || this.destroyed) return;
    this.#inbox.shift();
    switch (arrival.event) {
      case 'connect':
        log(() => `connected to agent ${this.peer.index}`);
        this.#openedAt = now;
        this.#emit('connect');
        return;
      case 'end':
      case 'error': {
        log(() => `the connection to agent ${this.peer.index} breaks: ${arrival.event}`);
        this.#broken = true;
        if (this.#calls[0] !== undefined) this.#calls[0].isStruck = true;
        const error =
          arrival.event === 'error' ? Object.assign(new Error(arrival.code), { code: arrival.code }) : undefined;
        this.#emit(arrival.event, error);
        break;
      }
      default: {
        const chunks = [arrival.bytes];
        let { verdict } = arrival;
        this.#answered(verdict);
        // Several replies may be read at once.
        for (let next = this.#inbox[0]; next?.event === 'data' && next.at <= now; next = this.#inbox[0]) {
          if ((verdict !== 'ok' && verdict !== 'part') || next.verdict === 'refused' || chance.is(0.3)) break;
          this.#inbox.shift();
          chunks.push(next.bytes);
          verdict = next.verdict;
          this.#answered(verdict);
        }
        this.#emit('data', Buffer.concat(chunks));
      }
    }
    if (this.#broken && !this.destroyed) oracle.violated('a connection is kept in spite of doubt');
  }

  #answered(verdict: Verdict): void {
    const { clock, oracle, log } = this.#world;
    log(() => `agent ${this.peer.index} answers call ${this.#calls[0]?.sequenceId}: ${verdict}`);
    if (verdict === 'strange part') this.#excused = true;
    if (verdict === 'part' || verdict === 'strange part') return;
    if (verdict === 'exception' || verdict === 'strange') {
      this.#broken = true;
      if (verdict === 'exception' && this.#calls[0] !== undefined) this.#calls[0].isStruck = true;
      return;
    }
    const call = this.#calls.shift();
    this.#oldestSince = clock.now();
    if (call === undefined) return;
    // A ping that is refused proves nothing: whoever sent it may hang up.
    if (call.ids.length === 0 && verdict === 'refused') this.#excused = true;
    oracle.answered(call, verdict === 'ok');
  }

  /** One batch that had failed before had it to itself, as far as one can know. */
  get #isOfOne(): boolean {
    return this.#made.length === 1 && this.#world.oracle.hasFailed(this.#made[0] as Call);
  }

  /** The process may give a connection up for a reason only. */
  #checkReason(): void {
    const { clock, oracle, settings } = this.#world;
    const now = clock.now();
    if (this.#broken || this.#excused || oracle.mayClose()) return;
    // One batch that had failed had it to itself.
    if (this.#isOfOne && this.#calls.length === 0) return;
    const waiting = this.#inbox[0] !== undefined && this.#inbox[0].at <= now;
    if (this.#openedAt === undefined) {
      if (now - this.#dialedAt < settings.connectTimeoutMs - rounding)
        oracle.violated('connectTimeoutMs was not waited for');
    } else if (this.#calls.length > 0) {
      const waitedMs = now - this.#oldestSince;
      if (waitedMs < settings.requestTimeoutMs - rounding) oracle.violated('requestTimeoutMs was not waited for');
      if (waitedMs > settings.requestTimeoutMs + settings.blockMs + rounding)
        oracle.violated('requestTimeoutMs went by unnoticed');
      if (waiting) oracle.violated('a reply that had arrived was not read');
    } else if (settings.connectionMaxAgeMs === 0 || now - this.#openedAt < settings.connectionMaxAgeMs / 2 - 1) {
      oracle.violated('a connection is closed for no reason');
    }
  }

  #emit(event: string, argument?: unknown): void {
    this.#listeners.get(event)?.(argument);
  }
}
