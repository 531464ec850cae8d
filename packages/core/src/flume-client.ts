// One agent, direct calls: each resolves when the agent has answered OK. No channel, no retry: see EmbeddedAgent for those.

import { type Clock, systemClock } from './clock.ts';
import { FlumeError } from './errors.ts';
import { checkBody, type FlumeEvent, headerList } from './event/flume-event.ts';
import { type FlumeClientOptions, type ResolvedClient, resolveClient } from './options/client-options.ts';
import { Connection, type Payload } from './rpc/connection.ts';
import { dial } from './rpc/dial.ts';
import { maxFrameBytes, maxPayloadBytes } from './thrift/frame-limit.ts';
import type { Method, Protocol } from './thrift/protocol.ts';
import { protocolNamed } from './thrift/protocols.ts';

export interface CallOptions {
  /** Ends the wait with `ERR_FLUME_ABORTED`; what was sent already may still be stored. @default none */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A client of one Flume Thrift source. It connects on the first call, and again on the next call after an error. Several
 * calls may be in flight; the source answers them in order. It keeps no idle process alive.
 *
 * @example
 * const client = new FlumeClient({ host: '127.0.0.1', port: 4141 });
 * await client.append({ headers: { a: 'hello' }, body: 'world' });
 * await client.close();
 */
export class FlumeClient {
  readonly #options: ResolvedClient;
  readonly #protocol: Protocol;
  readonly #clock: Clock;
  #connecting: Promise<Connection> | undefined;
  #connection: Connection | undefined;
  readonly #calls = new Set<Promise<void>>();
  #closed = false;

  /** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
  constructor(options?: FlumeClientOptions) {
    this.#options = resolveClient(options);
    this.#protocol = protocolNamed(this.#options.protocol);
    this.#clock = systemClock;
  }

  /** A connection stands. */
  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Connects, if that has not happened yet; after `close()` it opens the client again. */
  async connect(options: CallOptions = {}): Promise<void> {
    this.#closed = false;
    await this.#held(async () => void (await this.#connected()), options.signal);
  }

  /** Sends one event; resolves when the agent has stored it. Rejects with a FlumeError. */
  append(event: FlumeEvent, options: CallOptions = {}): Promise<void> {
    return this.#call('append', [event], options.signal);
  }

  /** Sends events as one batch, of which the agent stores all or none. */
  appendBatch(events: readonly FlumeEvent[], options: CallOptions = {}): Promise<void> {
    return this.#call('appendBatch', events, options.signal);
  }

  /** Resolves when the agent answers an empty batch, which stores nothing. */
  ping(options: CallOptions = {}): Promise<void> {
    return this.#call('appendBatch', [], options.signal);
  }

  /** Waits for the calls in flight, then closes the connection. Idempotent; `connect()` opens the client again. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#calls);
    this.#connection?.destroy(closedError());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(method: Method, events: readonly FlumeEvent[], signal: AbortSignal | undefined): Promise<void> {
    const payload = encode(this.#protocol, method, events);
    await this.#held(async () => {
      const connection = await this.#connected();
      if (signal?.aborted === true) return;
      await new Promise<void>((resolve, reject) => {
        connection.call(method, payload, (outcome) => {
          if (outcome.tag === 'accepted') resolve();
          else reject(outcome.error);
        });
      });
    }, signal);
  }

  #connected(): Promise<Connection> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#connection?.isOpen === true) return Promise.resolve(this.#connection);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  #connect(): Promise<Connection> {
    const { endpoint, connectTimeoutMs, timeoutMs, framed } = this.#options;
    const options = {
      dial,
      protocol: this.#protocol,
      framed,
      connectTimeoutMs,
      requestTimeoutMs: timeoutMs,
      clock: this.#clock,
    };
    return new Promise((resolve, reject) => {
      const connection = new Connection(endpoint, options, {
        opened: () => resolve(connection),
        closed: ({ error }) => {
          if (this.#connection === connection) this.#connection = undefined;
          reject(error);
        },
      });
      this.#connection = connection;
    });
  }

  /** Does the work, ends the wait for it on the signal, and keeps the process alive meanwhile: the sockets do not. */
  async #held(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw abortedError(signal, false);
    const { connectTimeoutMs, timeoutMs } = this.#options;
    // Each thing that is awaited has a timeout of its own, which comes first.
    const hold = this.#clock.after(connectTimeoutMs + timeoutMs * (this.#calls.size + 1), () => {}, { hold: true });
    const call = work();
    this.#calls.add(call);
    try {
      await (signal === undefined ? call : endedBy(signal, call));
    } finally {
      hold.cancel();
      this.#calls.delete(call);
    }
  }
}

/** The call, or where the signal comes first its error. */
function endedBy(signal: AbortSignal, call: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortedError(signal, true));
    signal.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function abortedError(signal: AbortSignal, ackUnknown: boolean): FlumeError {
  return new FlumeError('ERR_FLUME_ABORTED', 'the call was aborted', { cause: signal.reason, ackUnknown });
}

function encode(protocol: Protocol, method: Method, events: readonly FlumeEvent[]): Payload {
  const fixed = protocol.fixHeaders([]);
  const checked = events.map((event) => {
    try {
      checkBody(event.body);
      return { headers: headerList(event.headers), body: event.body };
    } catch (error) {
      throw new FlumeError('ERR_FLUME_EVENT', `not an event: ${(error as Error).message}`, { cause: error });
    }
  });
  const byteLength = checked.reduce((sum, { headers, body }) => sum + protocol.eventSize(fixed, headers, body), 0);
  if (byteLength > maxPayloadBytes) {
    throw new FlumeError(
      'ERR_FLUME_OVERSIZE',
      `${events.length} events of ${byteLength} bytes are more than a Flume frame may have (${maxFrameBytes} bytes)`,
    );
  }
  const bytes = Buffer.allocUnsafe(byteLength);
  let at = 0;
  for (const { headers, body } of checked) at = protocol.writeEvent(bytes, at, fixed, headers, body);
  const view = method === 'append' ? bytes.subarray(protocol.separatorBytes) : bytes;
  return { count: events.length, byteLength: view.length, views: [view] };
}

function closedError(): FlumeError {
  return new FlumeError('ERR_FLUME_CLOSED', 'the client is closed');
}
