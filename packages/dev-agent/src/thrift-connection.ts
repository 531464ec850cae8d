// One client's connection: requests in, answers out, one call after the other as Flume's server does it.
import type { Socket } from 'node:net';
import type { Call } from './call.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { MessageCodec, Request } from './message.ts';
import type { RequestReader } from './request-reader.ts';
import { FramedReader, UnframedReader } from './request-reader.ts';
import type { Wire } from './step.ts';

export interface ConnectionOptions {
  readonly id: number;
  readonly codec: MessageCodec;
  readonly framed: boolean;
  /** Silence after which the connection is closed; 0 never. */
  readonly idleTimeoutMs: number;
  /** The same in the middle of a request. */
  readonly requestTimeoutMs: number;
  /** The TCP socket below a TLS socket: only that one can be reset. */
  readonly tcpSocket: Socket;
  /** Shared by all connections. */
  readonly budget: MemoryBudget;
}

export interface ConnectionListener {
  /** Executes a call; the next one starts when the promise is settled. It must not reject. */
  execute(call: Call, connection: ThriftConnection): void | Promise<void>;
  closed(reason: string): void;
}

// Beyond this, what a client sends while a call is being executed stays in the kernel's buffers.
const highWaterBytes = 1024 * 1024;

export class ThriftConnection {
  readonly id: number;
  readonly wire: Wire;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  /** undefined where nothing that comes is looked at any more. */
  #reader: RequestReader | undefined;
  #executing = false;
  /** Bytes of the call that is being executed. */
  #callMemory = 0;
  /** Bytes that the budget has given. */
  #held = 0;
  #again: NodeJS.Timeout | undefined;
  #timeoutMs = 0;
  /** The client has sent its last byte. */
  #ended = false;
  #closeReason: string | undefined;

  constructor(socket: Socket, options: ConnectionOptions, listener: ConnectionListener) {
    const { codec, framed } = options;
    this.id = options.id;
    this.wire = { codec, frame: framed ? withLength : (payload) => Buffer.from(payload) };
    this.#socket = socket;
    this.#options = options;
    this.#listener = listener;
    this.#reader = framed ? new FramedReader(codec) : new UnframedReader(codec);
    socket.setNoDelay();
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#pump());
    socket.on('end', () => this.#end());
    socket.on('error', (error) => (this.#closeReason ??= error.message));
    socket.on('close', () => {
      this.#deafen();
      listener.closed(this.#closeReason ?? 'the client closed it');
    });
    socket.on('timeout', () => this.#silent());
    this.#watchSilence();
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Never answers again; the connection stays until the client leaves. */
  stall(): void {
    this.#deafen();
    this.#watchSilence();
    this.#socket.resume();
    if (this.#ended) this.close('the client closed it');
  }

  /** Closes (FIN) after what was sent. */
  close(reason: string): void {
    this.#deafen();
    this.#closeReason ??= reason;
    this.#socket.destroySoon();
  }

  /** Closes with RST, where the transport has one: a Unix socket just closes. */
  reset(reason: string): void {
    this.#deafen();
    this.#closeReason ??= reason;
    const { tcpSocket } = this.#options;
    // Unix sockets have no address.
    if (tcpSocket.remoteAddress !== undefined) tcpSocket.resetAndDestroy();
    this.#socket.destroy();
  }

  destroy(reason: string): void {
    this.#deafen();
    this.#closeReason ??= reason;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#reader === undefined) return;
    this.#reader.push(chunk);
    this.#pump();
  }

  #end(): void {
    this.#ended = true;
    if (this.#reader === undefined) this.close('the client closed it');
    else this.#pump();
  }

  /** Executes what has arrived, until a call takes its time or the client does not read its answers. */
  #pump(): void {
    this.#socket.cork();
    while (this.#reader !== undefined && !this.#isBusy()) {
      const request = this.#next();
      if (request === undefined) break;
      this.#take(request);
    }
    this.#socket.uncork();
    if (this.#reader === undefined) return;
    this.#account();
    this.#watchSilence();
    if (this.#isBusy()) {
      if (this.#reader.buffered >= highWaterBytes) this.#socket.pause();
      return;
    }
    this.#socket.resume();
    // Calls that came before the client's FIN are executed and answered.
    if (this.#againLater()) return;
    if (this.#ended) this.close('the client closed it');
  }

  #isBusy(): boolean {
    return this.#executing || this.#socket.writableNeedDrain;
  }

  #next(): Request | undefined {
    try {
      return this.#reader?.next();
    } catch (error) {
      this.close(error instanceof Error ? error.message || error.name : String(error));
      return undefined;
    }
  }

  #take(request: Request): void {
    const { method, seqid } = request;
    if (request.tag === 'refused') {
      this.send(this.wire.frame(this.wire.codec.exception(method, seqid, request.exception)));
      return;
    }
    const executed = this.#listener.execute({ ...request, connection: this.id }, this);
    if (executed === undefined) return;
    this.#executing = true;
    this.#callMemory = request.memory;
    void executed.then(() => {
      this.#executing = false;
      this.#callMemory = 0;
      this.#account();
      this.#pump();
    });
  }

  #againLater(): boolean {
    clearTimeout(this.#again);
    const pauseMs = this.#reader?.pauseMs ?? 0;
    if (pauseMs > 0) this.#again = setTimeout(() => this.#pump(), Math.ceil(pauseMs));
    return pauseMs > 0;
  }

  #account(): void {
    const { budget } = this.#options;
    const needed = (this.#reader?.buffered ?? 0) + this.#callMemory;
    if (needed === this.#held) return;
    if (budget.change(this.#held, needed)) this.#held = needed;
    else this.close(`all connections together hold more than ${budget.limit} bytes of requests`);
  }

  #watchSilence(): void {
    const { idleTimeoutMs, requestTimeoutMs } = this.#options;
    const timeoutMs = this.#reader?.isInside === true ? requestTimeoutMs : idleTimeoutMs;
    if (timeoutMs === this.#timeoutMs) return;
    this.#timeoutMs = timeoutMs;
    this.#socket.setTimeout(timeoutMs);
  }

  #silent(): void {
    if (this.#executing) return;
    const where = this.#reader?.isInside === true ? 'silent in the middle of a request' : 'idle';
    this.close(`${where} for ${this.#timeoutMs} ms`);
  }

  /** From now on nothing is read, and nothing is held. */
  #deafen(): void {
    clearTimeout(this.#again);
    this.#reader = undefined;
    this.#account();
  }
}

function withLength(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeInt32BE(payload.length);
  frame.set(payload, 4);
  return frame;
}
