// The one error class of the project. A caller decides by `code`, `retryable` and `ackUnknown`, never by the message.

/**
 * The kind of failure:
 *
 * - `ERR_FLUME_OPTION`: an option is wrong; thrown at construction only.
 * - `ERR_FLUME_EVENT`: an event is not one (headers that are no strings, a body that is neither string nor bytes).
 * - `ERR_FLUME_OVERSIZE`: an event or a batch is larger than a frame may be.
 * - `ERR_FLUME_CONNECT`: no connection: refused, unreachable, unknown name, or not within connectTimeoutMs.
 * - `ERR_FLUME_CONNECTION_LOST`: the connection ended while the call was in flight.
 * - `ERR_FLUME_TIMEOUT`: no answer within requestTimeoutMs.
 * - `ERR_FLUME_PROTOCOL`: the answer is not one that a Flume Thrift source gives.
 * - `ERR_FLUME_FAILED`: the agent answered FAILED: its channel is full, or the batch is above its transactionCapacity.
 * - `ERR_FLUME_STATUS`: the agent answered ERROR or UNKNOWN.
 * - `ERR_FLUME_EXCEPTION`: the agent answered with a Thrift exception, which is the `cause`.
 * - `ERR_FLUME_DROPPED`: events were given up; the message says how many and why.
 * - `ERR_FLUME_DISK`: the file channel cannot write or read; a warning only.
 * - `ERR_FLUME_CLOSED`: the client or agent is closed.
 * - `ERR_FLUME_ABORTED`: the caller's signal ended the wait.
 * - `FLUME_RECOVERED`: no error but good news: an agent that had failed accepts events again.
 * - `FLUME_NOTICE`: something that the user should know once.
 */
export type FlumeErrorCode =
  | 'ERR_FLUME_OPTION'
  | 'ERR_FLUME_EVENT'
  | 'ERR_FLUME_OVERSIZE'
  | 'ERR_FLUME_CONNECT'
  | 'ERR_FLUME_CONNECTION_LOST'
  | 'ERR_FLUME_TIMEOUT'
  | 'ERR_FLUME_PROTOCOL'
  | 'ERR_FLUME_FAILED'
  | 'ERR_FLUME_STATUS'
  | 'ERR_FLUME_EXCEPTION'
  | 'ERR_FLUME_DROPPED'
  | 'ERR_FLUME_DISK'
  | 'ERR_FLUME_CLOSED'
  | 'ERR_FLUME_ABORTED'
  | 'FLUME_RECOVERED'
  | 'FLUME_NOTICE';

// A registered symbol, since two copies of this package can meet in one process (two versions, or one in a bundle).
const brand = Symbol.for('flume-thrift-client.FlumeError');

const retryableCodes: ReadonlySet<FlumeErrorCode> = new Set<FlumeErrorCode>([
  'ERR_FLUME_CONNECT',
  'ERR_FLUME_CONNECTION_LOST',
  'ERR_FLUME_TIMEOUT',
  'ERR_FLUME_PROTOCOL',
  'ERR_FLUME_FAILED',
  'ERR_FLUME_STATUS',
  'ERR_FLUME_EXCEPTION',
]);

const ackUnknownCodes: ReadonlySet<FlumeErrorCode> = new Set<FlumeErrorCode>([
  'ERR_FLUME_CONNECTION_LOST',
  'ERR_FLUME_TIMEOUT',
  'ERR_FLUME_PROTOCOL',
]);

/**
 * Every error of this project. `instanceof` holds across copies of the package.
 *
 * @example
 * try {
 *   await client.append({ body: 'hello' });
 * } catch (error) {
 *   if (error instanceof FlumeError && error.retryable) queue.push(event); // error.ackUnknown: it may be stored already
 *   else throw error;
 * }
 */
export class FlumeError extends Error {
  override readonly name: string = 'FlumeError';
  readonly code: FlumeErrorCode;
  /** The same call may succeed later, or at another agent. */
  readonly retryable: boolean;
  /** The agent may have stored the events although no answer came: a retry may duplicate them. */
  readonly ackUnknown: boolean;
  readonly [brand] = true;

  constructor(code: FlumeErrorCode, message: string, options: { cause?: unknown; ackUnknown?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.ackUnknown = options.ackUnknown ?? ackUnknownCodes.has(code);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true;
  }
}
