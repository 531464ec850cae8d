// One connection to an agent, from the first name look-up to the last byte. It carries several calls at a time; the source
// answers them in order. Every call settles exactly once: by its reply, by a timeout, or because the socket is gone. Any
// doubt (a timeout, a reply that does not match, an exception) ends the connection and fails all that is in flight.

import type { Clock, Timer } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { FlumeError } from '../errors.ts';
import { shownText } from '../shown-value.ts';
import type { Method, Protocol } from '../thrift/protocol.ts';
import { malformed, type Reply } from '../thrift/reply.ts';
import { ReplyStream } from '../thrift/reply-stream.ts';
import { ConnectionErrors, type Moment } from './connection-errors.ts';
import type { Broken, End, Outcome } from './outcome.ts';
import type { Dial, Socket } from './socket.ts';
import { warnOfRisk } from './tls.ts';

export interface ConnectionListener {
  /** The connection stands: calls can be made. */
  opened(): void;
  /** It is over, for whatever reason: called once, whether it was opened or not. */
  closed(end: End): void;
}

export interface ConnectionOptions {
  readonly dial: Dial;
  readonly protocol: Protocol;
  readonly framed: boolean;
  /** Name resolution, TCP, TLS and Kerberos together. */
  readonly connectTimeoutMs: number;
  /** Counted from when a call became the oldest on its connection, since the source answers one after the other. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/** The events of one call, encoded, in pieces. */
export interface Payload {
  readonly count: number;
  readonly byteLength: number;
  readonly views: readonly Uint8Array[];
}

/** Called once for each call. */
export type Settle = (outcome: Outcome) => void;

interface Call {
  readonly sequenceId: number;
  readonly method: Method;
  readonly settle: Settle;
}

type State =
  | { readonly tag: 'connecting'; readonly socket: Socket; timer: Timer }
  | { readonly tag: 'open'; readonly socket: Socket }
  | { readonly tag: 'closed'; readonly error: FlumeError };

const frameLengthBytes = 4;
const maxSequenceId = 0x7fff_ffff;
// A timer that is later than this was held up by the process.
const punctualMs = 50;
const accepted: Outcome = { tag: 'accepted' };

export class Connection {
  readonly endpoint: Endpoint;
  readonly #options: ConnectionOptions;
  readonly #calls: Call[] = [];
  readonly #replies: ReplyStream;
  readonly #listener: ConnectionListener;
  readonly #errors: ConnectionErrors;
  #state: State;
  #timer: Timer | undefined;
  #sequenceId = 0;
  #answered = false;
  /** TCP stands, what it carries does not yet. */
  #inHandshake = false;

  /** Starts to connect. */
  constructor(endpoint: Endpoint, options: ConnectionOptions, listener: ConnectionListener) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
    this.#errors = new ConnectionErrors(endpoint, options.protocol.name);
    this.#replies = new ReplyStream(options.protocol, options.framed);
    warnOfRisk(endpoint);
    const socket = options.dial(endpoint, options.connectTimeoutMs);
    socket.unref();
    this.#state = { tag: 'connecting', socket, timer: this.#watchConnecting(options.connectTimeoutMs) };
    socket.on('connect', () => {
      if (socket.handshake !== undefined) this.#inHandshake = true;
      else this.#opened();
    });
    socket.on('secureConnect', () => this.#opened());
    socket.on('data', (chunk: Buffer) => this.#received(socket, chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end('lost', this.#errors.socket(error, this.#moment)));
    socket.on('end', () => this.#end('lost', this.#errors.lost('the agent closed the connection', this.#moment)));
    socket.on('close', () => this.#end('lost', this.#errors.lost('the connection is closed', this.#moment)));
  }

  get isOpen(): boolean {
    return this.#state.tag === 'open';
  }

  /** Calls without an answer. */
  get inFlight(): number {
    return this.#calls.length;
  }

  /** Sends a call. The payload's views must not change before `settle` is called. */
  call(method: Method, payload: Payload, settle: Settle): void {
    const state = this.#state;
    if (state.tag !== 'open') {
      const error = state.tag === 'closed' ? state.error : new FlumeError('ERR_FLUME_CONNECT', 'not connected yet');
      settle({ tag: 'broken', how: 'given up', isOldest: false, error });
      return;
    }
    const { protocol, framed } = this.#options;
    this.#sequenceId = this.#sequenceId === maxSequenceId ? 1 : this.#sequenceId + 1;
    this.#calls.push({ sequenceId: this.#sequenceId, method, settle });
    if (this.#calls.length === 1) this.#watchOldest();

    const { socket } = state;
    socket.cork();
    const head = protocol.callHead(method, this.#sequenceId, payload.count, payload.byteLength);
    socket.write(framed ? head : head.subarray(frameLengthBytes));
    for (const view of payload.views) socket.write(view);
    socket.write(protocol.callTail(method));
    socket.uncork();
  }

  /** Gives the connection up at once, with all that is in flight. */
  destroy(error: FlumeError): void {
    this.#end('given up', error);
  }

  /**
   * Calls in flight settle with `error`, the oldest call with `oldest` where that is another. The listener hears of it
   * first, so that whoever sends a failed batch again does not meet this connection.
   */
  #end(how: Broken['how'], error: FlumeError, oldest: FlumeError = error): void {
    const state = this.#state;
    if (state.tag === 'closed') return;
    this.#state = { tag: 'closed', error };
    this.#timer?.cancel();
    state.socket.destroy();
    if (state.tag === 'connecting') state.timer.cancel();
    const isSilent = how === 'timeout' && state.tag === 'open';
    this.#listener.closed({ tag: this.#endTag(state.tag, how), isSilent, error: oldest });
    for (const [index, call] of this.#calls.splice(0).entries()) {
      const isOldest = index === 0;
      call.settle({ tag: 'broken', how, isOldest, error: isOldest ? oldest : error });
    }
  }

  #endTag(state: 'connecting' | 'open', how: Broken['how']): End['tag'] {
    if (how === 'given up') return 'given up';
    if (state === 'connecting') return 'unreachable';
    return this.#calls.length === 0 && how === 'lost' ? 'idle' : 'broken';
  }

  #watchConnecting(delayMs: number): Timer {
    const { clock, connectTimeoutMs } = this.#options;
    const end = clock.now() + delayMs;
    return clock.after(delayMs, () => {
      if (this.#state.tag !== 'connecting') return;
      // For as long as the process itself was blocked, nothing that came could be seen.
      const blockedMs = clock.now() - end;
      if (blockedMs > punctualMs) {
        this.#state.timer = this.#watchConnecting(Math.min(blockedMs, connectTimeoutMs));
        return;
      }
      this.#end('timeout', this.#errors.connectTimeout(connectTimeoutMs, this.#moment));
    });
  }

  #opened(): void {
    if (this.#state.tag !== 'connecting') return;
    const { socket, timer } = this.#state;
    timer.cancel();
    // Where the first address of a name failed, the socket has another handle by now.
    socket.unref();
    this.#inHandshake = false;
    this.#state = { tag: 'open', socket };
    this.#listener.opened();
  }

  #received(socket: Socket, chunk: Buffer): void {
    // Calls that these replies make room for go out in one write.
    socket.cork();
    try {
      this.#replies.push(chunk, (reply) => {
        if (this.#state.tag === 'open') this.#replied(reply);
      });
    } catch (error) {
      this.#end('nonsense', this.#errors.nonsense(error));
    }
    socket.uncork();
  }

  #replied(reply: Reply): void {
    const call = this.#calls[0];
    if (call === undefined) throw malformed('a reply that nobody asked for');
    if (reply.sequenceId !== call.sequenceId) {
      throw malformed(`sequence id ${reply.sequenceId}, expected ${call.sequenceId}`);
    }
    if (reply.method !== call.method) throw malformed(`method "${shownText(reply.method)}", expected "${call.method}"`);
    this.#answered = true;
    const { result } = reply;
    if (result.tag === 'exception') {
      // After some exceptions Flume has left bytes of the request unread and misreads what follows.
      const error = this.#errors.exception(result.type, result.message);
      const others = this.#errors.lost('the agent answered an earlier call with an exception', this.#moment, error);
      this.#end('exception', others, error);
      return;
    }
    this.#calls.shift();
    this.#timer?.cancel();
    if (this.#calls.length > 0) this.#watchOldest();
    call.settle(result.status === 'OK' ? accepted : { tag: 'refused', error: this.#errors.refusal(result.status) });
  }

  #watchOldest(): void {
    const oldest = this.#calls[0];
    const { clock, requestTimeoutMs } = this.#options;
    this.#timer = clock.after(requestTimeoutMs, () => {
      // If the process itself was blocked, the reply may wait in the socket's buffer: it is read first.
      clock.soon(() => {
        if (this.#calls[0] === oldest) this.#end('timeout', this.#errors.requestTimeout(requestTimeoutMs));
      });
    });
  }

  /** How far it has come. */
  get #moment(): Moment {
    const state = this.#state;
    return {
      isConnecting: state.tag === 'connecting',
      handshake: this.#inHandshake && state.tag === 'connecting' ? state.socket.handshake : undefined,
      isWaiting: this.#calls.length > 0,
      hasAnswered: this.#answered,
    };
  }
}
