// Errors of a connection, in words that say what to look at.

import thrift from 'thrift/lib/nodejs/lib/thrift/thrift.js';
import type { Endpoint } from '../endpoint.ts';
import { FlumeError } from '../errors.ts';
import { thrownText } from '../shown-value.ts';
import type { ProtocolName } from '../thrift/protocol.ts';
import type { Handshake } from './socket.ts';
import { isHandshakeAlert, securityQuestion, shortened, socketErrorText } from './tls.ts';

/** How far the connection had come. */
export interface Moment {
  readonly isConnecting: boolean;
  /** The one that is going on. */
  readonly handshake: Handshake | undefined;
  /** Calls are without an answer. */
  readonly isWaiting: boolean;
  readonly hasAnswered: boolean;
}

export class ConnectionErrors {
  readonly #endpoint: Endpoint;
  readonly #protocol: ProtocolName;

  constructor(endpoint: Endpoint, protocol: ProtocolName) {
    this.#endpoint = endpoint;
    this.#protocol = protocol;
  }

  connectTimeout(timeoutMs: number, { handshake }: Moment): FlumeError {
    const { unanswered: what = 'no connection', whenSilent } = handshake ?? {};
    const hint = whenSilent === undefined ? '' : whenSilent + this.#doctor;
    return this.#connect(`${what} within ${timeoutMs} ms (connectTimeoutMs)${hint}`);
  }

  requestTimeout(timeoutMs: number): FlumeError {
    return this.#error('ERR_FLUME_TIMEOUT', `no answer within ${timeoutMs} ms (requestTimeoutMs)`);
  }

  socket(error: NodeJS.ErrnoException, moment: Moment): FlumeError {
    const text = socketErrorText(error, this.#endpoint);
    const cause = shortened(error);
    const isRefused = !moment.hasAnswered && isHandshakeAlert(error);
    return isRefused ? this.#connect(text, cause) : this.lost(text, moment, cause);
  }

  /** A Flume source closes without a word in several cases; the likely ones are named where it never answered at all. */
  lost(what: string, { isConnecting, handshake, isWaiting, hasAnswered }: Moment, cause?: unknown): FlumeError {
    if (isConnecting) {
      const broken = cause === undefined ? handshake : undefined;
      const where = broken === undefined ? '' : ` in the ${broken.name} handshake${broken.whenClosed}${this.#doctor}`;
      return this.#connect(what + where, cause);
    }
    const other = this.#protocol === 'compact' ? 'binary' : 'compact';
    const hint =
      isWaiting && !hasAnswered
        ? ` without an answer: does it speak ${other} (the option protocol), ${securityQuestion(this.#endpoint)}, ` +
          `or was its heap too small for the batch (batchBytes)?${this.#doctor}`
        : '';
    return this.#error('ERR_FLUME_CONNECTION_LOST', what + hint, cause, isWaiting);
  }

  refusal(status: 'FAILED' | 'ERROR' | 'UNKNOWN'): FlumeError {
    if (status !== 'FAILED') return this.#error('ERR_FLUME_STATUS', `the agent answered ${status}`);
    const why = "its channel is full, or the batch is above the channel's transactionCapacity";
    return this.#error('ERR_FLUME_FAILED', `the agent answered FAILED: ${why}`);
  }

  exception(type: number, message: string): FlumeError {
    const what = `the agent answered with a Thrift exception of type ${type}: ${message}`;
    return this.#error('ERR_FLUME_EXCEPTION', what, new thrift.TApplicationException(type, message));
  }

  /** The bytes that came are no reply. */
  nonsense(error: unknown): FlumeError {
    if (!(error instanceof FlumeError)) return this.#error('ERR_FLUME_PROTOCOL', thrownText(error), error);
    return this.#error(error.code, error.message, error.cause);
  }

  /** Which of several causes it is. */
  get #doctor(): string {
    return this.#endpoint.tag === 'unix' ? '' : ` flume-doctor ${this.#endpoint.name}, of flume-tools, tells`;
  }

  #connect(what: string, cause?: unknown): FlumeError {
    return this.#error('ERR_FLUME_CONNECT', `cannot connect: ${what}`, cause);
  }

  #error(code: FlumeError['code'], what: string, cause?: unknown, ackUnknown?: boolean): FlumeError {
    return new FlumeError(code, `Flume agent ${this.#endpoint.name}: ${what}`, {
      ...(cause === undefined ? {} : { cause }),
      ...(ackUnknown === undefined ? {} : { ackUnknown }),
    });
  }
}
