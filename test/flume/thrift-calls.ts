// Calls to a Flume Thrift source, made by the `thrift` package and sent over a bare socket: a witness that shares no
// code with our own client, for tests that ask what a real agent does with exact bytes.
import { createRequire } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

export type Protocol = 'compact' | 'binary';

export interface WireEvent {
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

/** The outcome of a call: the source's status (0 is OK, 1 is FAILED), or the exception that it answered with. */
export interface Reply {
  readonly name: string;
  readonly seqid: number;
  readonly status?: number;
  readonly exception?: { readonly type: number; readonly message: string };
}

export interface CallOptions {
  readonly protocol?: Protocol;
  readonly seqid?: number;
}

/** The frame, its length included, of an `append` of one event. */
export function appendFrame(event: WireEvent, options: CallOptions = {}): Buffer {
  return frameOf(options, (client) => client.send_append(thriftEvent(event)));
}

/** The frame, its length included, of an `appendBatch`. */
export function appendBatchFrame(events: readonly WireEvent[], options: CallOptions = {}): Buffer {
  return frameOf(options, (client) => client.send_appendBatch(events.map(thriftEvent)));
}

/** A bare connection: frames go out as they are, replies come back in order. */
export interface RawConnection {
  readonly socket: net.Socket;
  /** Resolves with the next reply; rejects when the agent closes without one, or says nothing for `timeoutMs`. */
  call(frame: Uint8Array, timeoutMs?: number): Promise<Reply>;
  /** The bytes of the next reply, without its length. */
  nextFrame(timeoutMs?: number): Promise<Buffer>;
  close(): void;
}

export async function connectRaw(
  port: number,
  options: { protocol?: Protocol; ca?: string } = {},
): Promise<RawConnection> {
  const host = '127.0.0.1';
  const socket = options.ca
    ? tls.connect({ host, port, ca: options.ca, servername: 'localhost' })
    : net.connect({ host, port });
  await new Promise<void>((resolve, reject) => {
    socket.once(options.ca ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  socket.setNoDelay(true);

  let received = Buffer.alloc(0);
  let closed = false;
  let wake = () => {};
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    wake();
  });
  // What matters to a caller is only that no reply can come any more; 'close' follows an error.
  socket.on('error', () => {});
  for (const event of ['end', 'close'] as const) {
    socket.on(event, () => {
      closed = true;
      wake();
    });
  }

  const nextFrame = async (timeoutMs = 10_000): Promise<Buffer> => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const end = received.length < 4 ? Number.POSITIVE_INFINITY : 4 + received.readUInt32BE(0);
      if (received.length >= end) {
        const frame = received.subarray(4, end);
        received = received.subarray(end);
        return frame;
      }
      if (closed) throw new Error('closed without a reply');
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no reply within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  return {
    socket,
    nextFrame,
    async call(frame, timeoutMs) {
      socket.write(frame);
      return readReply(await nextFrame(timeoutMs), options.protocol);
    },
    close: () => socket.destroy(),
  };
}

/** Decodes a reply, without its length, with the `thrift` package. */
export function readReply(frame: Buffer, protocol: Protocol = 'compact'): Reply {
  const input = new protocols[protocol](new thrift.TFramedTransport(frame, () => {}));
  const { fname: name, mtype, rseqid: seqid } = input.readMessageBegin();
  if (mtype === thrift.Thrift.MessageType.EXCEPTION) {
    const exception = new thrift.Thrift.TApplicationException();
    exception.read(input);
    return { name, seqid, exception: { type: exception.type, message: exception.message } };
  }
  // struct { 0: i32 success }
  input.readStructBegin();
  const field = input.readFieldBegin();
  if (field.fid !== 0) throw new Error(`a reply to ${name} without a status`);
  return { name, seqid, status: input.readI32() };
}

// The thrift package and the generated code have no types of their own. Below is what is used of them.
interface ThriftProtocol {
  readMessageBegin(): { fname: string; mtype: number; rseqid: number };
  readStructBegin(): void;
  readFieldBegin(): { fid: number };
  readI32(): number;
}
type ThriftProtocolClass = new (transport: object) => ThriftProtocol;
interface Thrift {
  TFramedTransport: new (input: Buffer | null, onFlush: (frame: Buffer) => void) => object;
  TCompactProtocol: ThriftProtocolClass;
  TBinaryProtocol: ThriftProtocolClass;
  Thrift: {
    MessageType: { EXCEPTION: number };
    TApplicationException: new () => { type: number; message: string; read(input: ThriftProtocol): void };
  };
}
interface GeneratedClient {
  _seqid: number;
  send_append(event: object): void;
  send_appendBatch(events: object[]): void;
}

const require = createRequire(import.meta.url);
const generated = '../../packages/dev-agent/generated';
const thrift = require('thrift') as Thrift;
const { Client } = require(`${generated}/ThriftSourceProtocol.js`) as {
  Client: new (transport: object, protocol: ThriftProtocolClass) => GeneratedClient;
};
const { ThriftFlumeEvent } = require(`${generated}/flume_types.js`) as {
  ThriftFlumeEvent: new (args: object) => object;
};
const protocols = { compact: thrift.TCompactProtocol, binary: thrift.TBinaryProtocol };

const thriftEvent = ({ headers, body }: WireEvent) => new ThriftFlumeEvent({ headers, body: Buffer.from(body) });

function frameOf({ protocol = 'compact', seqid = 1 }: CallOptions, send: (client: GeneratedClient) => void): Buffer {
  let frame: Buffer | undefined;
  const transport = new thrift.TFramedTransport(null, (bytes) => {
    frame = bytes;
  });
  const client = new Client(transport, protocols[protocol]);
  client._seqid = seqid;
  send(client);
  if (frame === undefined) throw new Error('the thrift package flushed nothing');
  return frame;
}
