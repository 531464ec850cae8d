// One client's connection: requests in, answers out, one call after the other as Flume's server does it.
import type { Socket } from 'node:net';
import type { Call } from './call.ts';
import type { MessageCodec, Request } from './message.ts';
import type { RequestReader } from './request-reader.ts';
import { FramedReader, UnframedReader } from './request-reader.ts';
import type { Wire } from './step.ts';

export interface ConnectionOptions {
  readonly id: number;
  readonly codec: MessageCodec;
  readonly framed: boolean;
  /** 0 never. */
  readonly idleTimeoutMs: number;
  /** The TCP socket below a TLS socket: only that one can be reset. */
  readonly tcpSocket: Socket;
  /** Executes a call; the next one starts when the promise is settled. It must not reject. */
  readonly execute: (call: Call, connection: ThriftConnection) => void | Promise<void>;
  readonly onClose: (reason: string) => void;
}

// Beyond this, what a client sends while a call is being executed stays in the kernel's buffers.
const highWaterBytes = 1024 * 1024;

export class ThriftConnection {
  readonly id: number;
  readonly wire: Wire;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader: RequestReader;
  #executing = false;
  /** The client has sent its last byte. */
  #ended = false;
  /** Nothing that comes is looked at any more. */
  #deaf = false;
  #closeReason: string | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    const { codec, framed } = options;
    this.id = options.id;
    this.wire = { codec, frame: framed ? withLength : (payload) => Buffer.from(payload) };
    this.#socket = socket;
    this.#options = options;
    this.#reader = framed ? new FramedReader(codec) : new UnframedReader(codec);
    socket.setNoDelay();
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#pump());
    socket.on('end', () => this.#end());
    socket.on('error', (error) => (this.#closeReason ??= error.message));
    socket.on('close', () => {
      this.#deaf = true;
      options.onClose(this.#closeReason ?? 'the client closed it');
    });
    if (options.idleTimeoutMs > 0) {
      socket.setTimeout(options.idleTimeoutMs, () => {
        if (!this.#executing) this.close(`idle for ${options.idleTimeoutMs} ms`);
      });
    }
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Never answers again; the connection stays until the client leaves. */
  stall(): void {
    this.#deaf = true;
    this.#socket.resume();
    if (this.#ended) this.close('the client closed it');
  }

  /** Closes (FIN) after what was sent. */
  close(reason: string): void {
    this.#deaf = true;
    this.#closeReason ??= reason;
    this.#socket.destroySoon();
  }

  /** Closes with RST, where the transport has one: a Unix socket just closes. */
  reset(reason: string): void {
    this.#deaf = true;
    this.#closeReason ??= reason;
    const { tcpSocket } = this.#options;
    // Unix sockets have no address.
    if (tcpSocket.remoteAddress !== undefined) tcpSocket.resetAndDestroy();
    this.#socket.destroy();
  }

  destroy(reason: string): void {
    this.#deaf = true;
    this.#closeReason ??= reason;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#deaf) return;
    this.#reader.push(chunk);
    this.#pump();
  }

  #end(): void {
    this.#ended = true;
    if (this.#deaf) this.close('the client closed it');
    else this.#pump();
  }

  /** Executes what has arrived, until a call takes its time or the client does not read its answers. */
  #pump(): void {
    this.#socket.cork();
    while (!this.#deaf && !this.#executing && !this.#socket.writableNeedDrain) {
      const request = this.#next();
      if (request === undefined) break;
      this.#take(request);
    }
    this.#socket.uncork();
    if (this.#deaf) return;
    if (this.#isBusy()) {
      if (this.#reader.buffered >= highWaterBytes) this.#socket.pause();
      return;
    }
    this.#socket.resume();
    // Calls that came before the client's FIN are executed and answered.
    if (this.#ended) this.close('the client closed it');
  }

  #isBusy(): boolean {
    return this.#executing || this.#socket.writableNeedDrain;
  }

  #next(): Request | undefined {
    try {
      return this.#reader.next();
    } catch (error) {
      this.close(error instanceof Error ? error.message || error.name : String(error));
      return undefined;
    }
  }

  #take(request: Request): void {
    const { method, seqid } = request;
    if (request.kind === 'refused') {
      this.send(this.wire.frame(this.wire.codec.exception(method, seqid, request.exception)));
      return;
    }
    const executed = this.#options.execute({ ...request, connection: this.id }, this);
    if (executed === undefined) return;
    this.#executing = true;
    void executed.then(() => {
      this.#executing = false;
      this.#pump();
    });
  }
}

function withLength(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeInt32BE(payload.length);
  frame.set(payload, 4);
  return frame;
}
