// A stream of pino-abstract-transport, made to take bytes: what pino writes to, in either thread.

import type { Transform } from 'node:stream';
import type { Report } from 'flume-thrift-client';
import build from 'pino-abstract-transport';
import type { LineSource, PinoFlumeStats } from './line-source.ts';

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
  /** The fate of every record until now. */
  stats(): PinoFlumeStats;
}

/**
 * The stream before a source. It takes chunks as they come: its own write() would decode, split, parse and make a string of
 * every line.
 *
 * @param closed called when the source is closed
 */
export function byteStream(source: LineSource, closed: () => void): PinoFlumeStream {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= source.close().then(closed));
  // The transform's own splitting and parsing stay unused. Nor does it expect pino's config: it would wait for it without end.
  const transform = build(() => {}, {
    parse: 'lines',
    metadata: false,
    close: (_error, done) => void close().then(() => process.nextTick(done, null)),
  });
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
  transform._flush = (done) => void close().then(() => process.nextTick(done));
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
