// SASL's negotiation with GSSAPI, between a socket that stands and a connection that may use it:
//
//   message  = status (START 1, OK 2, BAD 3, ERROR 4, COMPLETE 5), length (u32, big endian), payload
//   client     START "GSSAPI", OK first token
//   server     OK token, answered with OK token (empty where there is none), until both know each other
//   server     OK wrapped (layers of protection that it offers: 1 octet, most bytes of a message: 3)
//   client     COMPLETE wrapped (no layer: 01 000000)
//   server     COMPLETE
//
// Then each Thrift message has its length (u32) before it, in both directions: what a framed transport does, in its place.

import { EventEmitter } from 'node:events';
import { type GssContext, GssError } from './gssapi-process.ts';
import type { Handshake, Socket } from './socket.ts';

/** The words for a negotiation that goes wrong. */
export interface SaslWords {
  /** The wait for a first ticket. */
  readonly ticket: Handshake;
  /** The same once the agent is asked. */
  readonly agent: Handshake;
  /** GSSAPI on this side says no. */
  gssError(message: string): string;
  /** The agent answers BAD or ERROR, with its text. */
  refusal(text: string): string;
  /** The agent answers with something else than SASL, which begins so. */
  stranger(bytes: Buffer): string;
}

const status = { start: 1, ok: 2, bad: 3, error: 4, complete: 5 } as const;
const headBytes = 5;
const maxPayloadBytes = 64 * 1024;
const noLayer = Buffer.from([1, 0, 0, 0]);

interface Message {
  readonly status: number;
  readonly payload: Buffer;
}

/** `secureConnect` says that both sides know each other. What is written then must be framed Thrift. */
export class SaslSocket extends EventEmitter implements Socket {
  readonly #raw: Socket;
  readonly #context: GssContext;
  readonly #words: SaslWords;
  #handshake: Handshake;
  #state: 'negotiating' | 'open' | 'closed' = 'negotiating';
  #received: Buffer = Buffer.alloc(0);
  #next: ((message: Message) => void) | undefined;

  /** @param raw a socket that connects, with a handshake of its own or without */
  constructor(raw: Socket, context: GssContext, words: SaslWords) {
    super();
    this.#raw = raw;
    this.#context = context;
    this.#words = words;
    this.#handshake = raw.handshake ?? words.ticket;
    raw.on('connect', () => {
      this.emit('connect');
      if (raw.handshake === undefined) this.#begin();
    });
    raw.on('secureConnect', () => this.#begin());
    raw.on('data', (chunk) => this.#take(chunk));
    raw.on('error', (error) => this.#fail(error));
    for (const event of ['end', 'close'] as const) {
      raw.on(event, () => {
        this.#context.close();
        this.emit(event);
      });
    }
  }

  get handshake(): Handshake {
    return this.#handshake;
  }

  write(bytes: Uint8Array): unknown {
    return this.#raw.write(bytes);
  }

  cork(): void {
    this.#raw.cork();
  }

  uncork(): void {
    this.#raw.uncork();
  }

  unref(): unknown {
    return this.#raw.unref();
  }

  destroy(): unknown {
    this.#state = 'closed';
    this.#context.close();
    return this.#raw.destroy();
  }

  #begin(): void {
    this.#handshake = this.#words.ticket;
    this.#negotiate().then(
      () => process.nextTick(() => this.#opened()),
      (error: Error) => process.nextTick(() => this.#fail(error)),
    );
  }

  async #negotiate(): Promise<void> {
    let step = await this.#gss(this.#context.start());
    this.#handshake = this.#words.agent;
    this.#send(status.start, Buffer.from('GSSAPI'));
    this.#send(status.ok, decoded(step.token));
    while (!step.complete) {
      step = await this.#gss(this.#context.step(await this.#answer(status.ok)));
      this.#send(status.ok, decoded(step.token));
    }
    const offer = decoded(await this.#gss(this.#context.unwrap(await this.#answer(status.ok))));
    if (offer.length !== 4 || ((offer[0] ?? 0) & 1) === 0) {
      throw new Error('the agent insists on sealed messages (SASL QOP auth-int or auth-conf), which Flume does not');
    }
    this.#send(status.complete, decoded(await this.#gss(this.#context.wrap(noLayer.toString('base64')))));
    await this.#answer(status.complete);
  }

  #opened(): void {
    if (this.#state !== 'negotiating') return;
    this.#state = 'open';
    this.#context.close();
    this.emit('secureConnect');
    const early = this.#received;
    this.#received = Buffer.alloc(0);
    if (early.length > 0) this.emit('data', early);
  }

  #fail(error: Error): void {
    if (this.#state === 'closed') return;
    this.#context.close();
    this.emit('error', error);
  }

  async #gss<Value>(answer: Promise<Value>): Promise<Value> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof GssError)) throw error;
      throw new Error(this.#words.gssError(error.message), { cause: error });
    }
  }

  #send(code: number, payload: Buffer): void {
    if (this.#state !== 'negotiating') return;
    const head = Buffer.alloc(headBytes);
    head.writeUInt8(code, 0);
    head.writeUInt32BE(payload.length, 1);
    this.#raw.cork();
    this.#raw.write(head);
    if (payload.length > 0) this.#raw.write(payload);
    this.#raw.uncork();
  }

  /** The payload of the next message, in base64. */
  async #answer(expected: number): Promise<string> {
    const message = await new Promise<Message>((resolve) => {
      this.#next = resolve;
      this.#read();
    });
    if (message.status === status.bad || message.status === status.error) {
      throw new Error(this.#words.refusal(message.payload.toString('utf8')));
    }
    if (message.status !== expected) throw new Error(`SASL status ${message.status} where ${expected} was expected`);
    return message.payload.toString('base64');
  }

  #take(chunk: Buffer): void {
    if (this.#state !== 'negotiating') {
      this.emit('data', chunk);
      return;
    }
    this.#received = Buffer.concat([this.#received, chunk]);
    this.#read();
  }

  /** Hands one message on to who waits for it; what comes after it waits. What is no message ends it at once. */
  #read(): void {
    const bytes = this.#received;
    if (bytes.length === 0) return;
    const code = bytes.readUInt8(0);
    const length = bytes.length < headBytes ? 0 : bytes.readUInt32BE(1);
    const isStrange = code < status.ok || code > status.complete || length > maxPayloadBytes;
    // Bytes that come unasked are kept, but not without end.
    if (isStrange || bytes.length > 2 * maxPayloadBytes) {
      this.#fail(new Error(this.#words.stranger(bytes)));
      return;
    }
    const waiting = this.#next;
    if (waiting === undefined || bytes.length < headBytes + length) return;
    this.#next = undefined;
    this.#received = bytes.subarray(headBytes + length);
    waiting({ status: code, payload: bytes.subarray(headBytes, headBytes + length) });
  }
}

function decoded(token: string): Buffer {
  return Buffer.from(token, 'base64');
}
