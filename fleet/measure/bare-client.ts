// Connections that send one frame again and again and read only what became of it: as little client as can be, so that
// what is measured is the agent. The frames are made by the `thrift` package, beforehand.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { appendBatchFrame, appendFrame, type WireEvent } from '../../test/flume/thrift-calls.ts';

/** An answer: Flume's OK, its FAILED, or an exception. */
export type Answer = 'ok' | 'failed' | 'exception';

export interface BareConnection {
  /** Resolves with the answer; rejects when the connection ends before. Several may be in flight. */
  call(frame: Uint8Array): Promise<Answer>;
  readonly isOpen: boolean;
  /** Resolves when the other side, or this one, has ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** @param ca of an agent with TLS */
export async function connectBare(port: number, ca?: string): Promise<BareConnection> {
  const address = { host: '127.0.0.1', port };
  const socket = ca === undefined ? net.connect(address) : tls.connect({ ...address, ca, servername: 'localhost' });
  socket.setNoDelay(true);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, ca === undefined ? 'connect' : 'secureConnect');

  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      waiting.shift()?.resolve(answerOf(rest.subarray(4, end)));
      rest = rest.subarray(end);
    }
  });
  socket.on('error', () => {});
  void closed.then(() => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the agent closed the connection'));
  });

  return {
    call: (frame) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection is closed'));
        waiting.push({ resolve, reject });
        socket.write(frame);
      }),
    get isOpen() {
      return !socket.destroyed;
    },
    closed,
    close: () => socket.destroy(),
  };
}

/** Opens them one after the other, as a fleet that is started by and by. */
export async function connectMany(count: number, port: number): Promise<BareConnection[]> {
  const connections: BareConnection[] = [];
  for (let index = 0; index < count; index += 1) connections.push(await connectBare(port));
  return connections;
}

/** A call with so many events of 4 headers and a body of 200 bytes; a single one by `append`, as Flume's SDK has it. */
export function callOf(events: number): Buffer {
  const all = Array.from({ length: events }, (_, index) => eventOf(index));
  return events === 1 ? appendFrame(eventOf(0)) : appendBatchFrame(all);
}

export const ping = appendBatchFrame([]);

function eventOf(index: number): WireEvent {
  return {
    headers: { host: 'web-1.example.org', timestamp: `${1_731_234_567_000 + index}`, level: 'info', app: 'checkout' },
    body: `event ${index} `.padEnd(200, 'x'),
  };
}

// A message of the compact protocol: 0x82, its type in the upper three bits, … , the status as a zigzag i32, 0x00.
function answerOf(message: Buffer): Answer {
  if ((message[1] ?? 0) >> 5 !== 2) return 'exception';
  return message.at(-2) === 0 ? 'ok' : 'failed';
}
