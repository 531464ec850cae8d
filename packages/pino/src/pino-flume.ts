// The function that pino calls: it puts a line source behind a stream of pino-abstract-transport, in pino's worker thread or
// in the application's own.

import type { Transform } from 'node:stream';
import { FlumeError, type Report } from 'flume-thrift-client';
import build from 'pino-abstract-transport';
import { LineSource, type PinoFlumeStats } from './line-source.ts';
import { type PinoFlumeInProcessOptions, type PinoFlumeOptions, resolveOptions } from './options.ts';
import type { PinoConfig } from './pino-config.ts';
import { pinoWorker } from './pino-worker.ts';

/**
 * Where pino writes to. Emits 'warning' with a FlumeError once when an agent fails or records are lost and once on recovery
 * (without a listener it goes to `process.emitWarning`), 'finish' and 'close' when what was written is delivered or
 * `closeTimeoutMs` is over, and never 'error'.
 */
export interface PinoFlumeStream extends Transform {
  /**
   * Resolves, and calls back without an error, when Flume acknowledged all that was written before, or `flushTimeoutMs` is
   * over: then `queued` is not 0. `logger.flush(callback)` calls this.
   */
  flush(callback?: () => void): Promise<Report>;
  /** What became of every record until now. */
  stats(): PinoFlumeStats;
}

/**
 * pino's transport for Flume. Connects when there is something to send, and always accepts: what waits is bounded by the
 * option `channel`, and what is lost is counted.
 *
 * @example
 * const logger = pino({ transport: { target: 'pino-flume', options: { agents: 'flume-1:4141' } } });
 *
 * @example
 * const stream = pinoFlume({ agents: 'flume-1:4141' });
 * const logger = pino({ level: 'info' }, stream);
 *
 * @param options default: an agent at 127.0.0.1:4141
 * @returns the stream; in pino's worker thread a promise of it, which pino awaits
 * @throws FlumeError `ERR_FLUME_OPTION` naming the option
 */
export function pinoFlume(options?: PinoFlumeInProcessOptions): PinoFlumeStream;
export function pinoFlume(options: PinoFlumeOptions): Promise<PinoFlumeStream> | PinoFlumeStream;
export function pinoFlume(
  options?: PinoFlumeInProcessOptions | PinoFlumeOptions,
): Promise<PinoFlumeStream> | PinoFlumeStream {
  const worker = pinoWorker();
  const resolved = resolveOptions(options, worker === undefined ? 'in process' : 'worker');
  let warn = (error: FlumeError): void => worker?.warn(error);
  const source = new LineSource(resolved, (error) => warn(error));

  // The transform's own splitting and parsing stay unused, see takeBytes. Nor does it expect pino's config: it would wait
  // for it without end.
  const transform = build(() => {}, {
    parse: 'lines',
    metadata: false,
    close: (_error, done) => void source.close().then(() => process.nextTick(done, null)),
  });
  const stream = takeBytes(transform, source);
  if (worker === undefined) {
    warn = (error) => emitWarning(stream, error);
    stream.on('message', (message: { code?: string; config?: PinoConfig }) => {
      if (message.code === 'PINO_CONFIG') source.configure(message.config ?? {});
    });
    return stream;
  }
  if (!worker.canFlush) warn(new FlumeError('FLUME_NOTICE', flushNotice));
  return worker.config((config) => source.configure(config)).then(() => stream);
}

const flushNotice =
  'logger.flush() does not wait for Flume here; it does with pino >= 10.2 and pino-flume as the only target, without a level';

/** Lets the stream take chunks as they come. Its own write() would decode, split, parse and make a string of every line. */
function takeBytes(transform: Transform, source: LineSource): PinoFlumeStream {
  const end = transform.end.bind(transform) as (callback?: () => void) => Transform;
  const write = (chunk: string | Uint8Array, encoding?: Encoding, callback?: Callback): boolean => {
    source.write(bytesOf(chunk, encoding));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done !== undefined) process.nextTick(done, null);
    // Always room: a full channel drops and counts. Holding pino back would fill the application's memory instead.
    return true;
  };
  const stream = Object.assign(transform, {
    write,
    end(chunk?: string | Uint8Array | (() => void) | null, encoding?: Encoding, callback?: () => void) {
      const done = [chunk, encoding, callback].find((argument) => typeof argument === 'function') as
        | (() => void)
        | undefined;
      if (typeof chunk !== 'function' && chunk != null) write(chunk, encoding);
      return end(done);
    },
    // With a parameter, since thread-stream takes a flush without one for a function that returns a promise.
    flush(callback?: () => void) {
      const flushed = source.flush();
      // Out of the promise, so that what the callback throws is no rejection.
      if (callback !== undefined) void flushed.then(() => process.nextTick(callback));
      return flushed;
    },
    stats: () => source.stats(),
  });
  // Before 'finish', for which a pipeline waits and not for 'close'; destroy() drains by the option close above.
  transform._flush = (done) => void source.close().then(() => process.nextTick(done));
  // Nothing is ever read from it, but it ends only after its readable side was read to the end.
  stream.resume();
  return stream as unknown as PinoFlumeStream;
}

type Encoding = BufferEncoding | Callback | undefined;
type Callback = (error?: Error | null) => void;

function bytesOf(chunk: string | Uint8Array, encoding: Encoding): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8');
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function emitWarning(stream: PinoFlumeStream, error: FlumeError): void {
  try {
    if (stream.emit('warning', error)) return;
    process.emitWarning(`pino-flume: ${error.message}`, { type: error.name, code: error.code });
  } catch (thrown) {
    // Whoever logs must not pay for a listener that throws.
    process.emitWarning(`pino-flume: a listener of 'warning' threw: ${String(thrown)}`);
  }
}
