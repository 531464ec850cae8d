// A client that knows nothing but bytes: calls are made, and replies read, with the generated code.

import type { NetConnectOpts, Socket } from 'node:net';
import { connect } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { ProtocolClass } from 'thrift';
import thrift from 'thrift';
import generated from '../generated/ThriftSourceProtocol.js';
import type { ProtocolName } from '../src/index.ts';

export interface Reply {
  method: string;
  seqid: number;
  /** 2 reply, 3 exception */
  type: number;
  status?: number;
  error?: { type: number; message: string };
}

const patienceMs = 3_000;

export class RawClient {
  readonly socket: Socket;
  readonly #protocol: ProtocolName;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  /** ECONNRESET or the like. */
  #error: NodeJS.ErrnoException | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket, protocol: ProtocolName = 'compact') {
    this.socket = socket;
    this.#protocol = protocol;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  static async connect(to: NetConnectOpts, protocol?: ProtocolName): Promise<RawClient> {
    const socket = connect(to);
    await new Promise<unknown>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket, protocol);
  }

  static async connectTls(to: ConnectionOptions): Promise<RawClient> {
    const socket = connectTls(to);
    await new Promise<unknown>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  send(...bytes: (Uint8Array | string)[]): void {
    this.socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))));
  }

  /** The next framed reply. */
  async reply(): Promise<Reply> {
    return decodeReply(await this.frame(), this.#protocol);
  }

  /** The payload of the next frame. */
  async frame(): Promise<Buffer> {
    const length = (await this.bytes(4)).readInt32BE();
    return this.bytes(length);
  }

  async bytes(size: number): Promise<Buffer> {
    while (this.#received.length < size) {
      if (this.#isOver()) throw new Error(`closed after ${this.#received.length} of ${size} bytes`);
      await this.#change();
    }
    const bytes = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return bytes;
  }

  /** Waits for the end: what came before it, and whether it was a FIN or a reset. */
  async closed(): Promise<{ how: 'fin' | 'reset'; bytes: Buffer }> {
    while (!this.#isOver()) await this.#change();
    return { how: this.#error === undefined ? 'fin' : 'reset', bytes: this.#received };
  }

  /** Resolves when the socket is gone. */
  async destroy(): Promise<void> {
    if (this.socket.closed) return;
    const gone = new Promise<unknown>((resolve) => this.socket.once('close', resolve));
    this.socket.destroy();
    await gone;
  }

  #isOver(): boolean {
    return this.#ended || this.#error !== undefined;
  }

  /** A test that waits in vain fails instead of hanging. */
  #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing came for ${patienceMs} ms`)), patienceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const protocols: Record<ProtocolName, ProtocolClass> = {
  compact: thrift.TCompactProtocol,
  binary: thrift.TBinaryProtocol,
  json: thrift.TJSONProtocol,
};

/** A framed call as the generated client writes it; one event makes an append, an array an appendBatch. */
export function encodeCall(
  events: generated.EventToSend | generated.EventToSend[],
  seqid = 1,
  protocol: ProtocolName = 'compact',
): Buffer {
  let frame: Buffer = Buffer.alloc(0);
  const transport = new thrift.TFramedTransport(undefined, (bytes) => {
    frame = bytes;
  });
  const client = new generated.Client(transport, protocols[protocol] as never);
  client._seqid = seqid;
  if (Array.isArray(events)) client.send_appendBatch(events);
  else client.send_append(events);
  return frame;
}

/** Puts a length before a payload. */
export function frameOf(payload: Uint8Array, length = payload.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(length);
  return Buffer.concat([head, payload]);
}

export function decodeReply(payload: Buffer, protocol: ProtocolName): Reply {
  const transport = new thrift.TFramedTransport(payload);
  const input = new protocols[protocol](transport);
  const { fname, mtype, rseqid } = input.readMessageBegin();
  const reply: Reply = { method: String(fname), seqid: rseqid, type: mtype };
  const client = new generated.Client(transport, protocols[protocol] as never);
  client._reqs[rseqid] = (error, status) => {
    if (error === null) reply.status = Number(status);
    else if (typeof error === 'object') reply.error = { type: (error as never)['type'], message: error.message };
  };
  client.recv_append(input, mtype, rseqid);
  return reply;
}
