// The function that pino calls: it puts a line source behind a stream, in pino's worker thread or in the application's own.

import { FlumeError } from 'flume-thrift-client';
import { byteStream, type PinoFlumeStream } from './byte-stream.ts';
import { LineSource, type PinoFlumeStats } from './line-source.ts';
import { onFirstLogger } from './logger-watch.ts';
import {
  type PinoFlumeInProcessOptions,
  type PinoFlumeOptions,
  type ResolvedOptions,
  resolveOptions,
} from './options.ts';
import type { PinoConfig } from './pino-config.ts';
import { type PinoWorker, pinoWorker } from './pino-worker.ts';

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
  try {
    return worker === undefined ? inProcess(options) : inWorker(options, worker);
  } catch (error) {
    worker?.keepCode(error);
    throw error;
  }
}

function inProcess(options: unknown): PinoFlumeStream {
  const resolved = resolveOptions(options, 'in process');
  let warn = (_error: FlumeError): void => {};
  const source = new LineSource(resolved, (error) => warn(error));
  const stream = byteStream(
    source,
    reports(source, resolved, (stats) => emit(stream, 'flume:stats', stats)),
  );
  warn = (error) => {
    if (emit(stream, 'warning', error)) return;
    process.emitWarning(`pino-flume: ${error.message}`, { type: error.name, code: error.code });
  };
  stream.on('message', (message: { code?: string; config?: PinoConfig }) => {
    if (message.code === 'PINO_CONFIG') source.configure(message.config ?? {});
  });
  onFirstLogger(stream, (canFlush) => {
    if (!canFlush) warn(new FlumeError('FLUME_NOTICE', multistreamNotice));
  });
  return stream;
}

const multistreamNotice =
  'logger.flush() does not wait for Flume behind pino.multistream(), which has no flush(): await that of the stream';

function inWorker(options: unknown, worker: PinoWorker): Promise<PinoFlumeStream> {
  const resolved = resolveOptions(options, 'worker');
  const source = new LineSource(resolved, (error) => worker.warn(error));
  const stream = byteStream(
    source,
    reports(source, resolved, (stats) => worker.emit('flume:stats', stats)),
  );
  if (worker.flushNotice !== undefined) worker.warn(new FlumeError('FLUME_NOTICE', worker.flushNotice));
  return worker.config((config) => source.configure(config)).then(() => stream);
}

/** Tells the counts again and again. @returns a function that tells them for the last time */
function reports(
  source: LineSource,
  { own: { statsIntervalMs = 0 } }: ResolvedOptions,
  tell: (stats: PinoFlumeStats) => void,
): () => void {
  if (statsIntervalMs === 0) return () => {};
  const timer = setInterval(() => tell(source.stats()), statsIntervalMs).unref();
  return () => {
    clearInterval(timer);
    tell(source.stats());
  };
}

/** @returns false where nobody listens. Whoever logs must not pay for a listener that throws. */
function emit(stream: PinoFlumeStream, name: string, argument: unknown): boolean {
  try {
    return stream.emit(name, argument);
  } catch (thrown) {
    process.emitWarning(`pino-flume: a listener of '${name}' threw: ${String(thrown)}`);
    return true;
  }
}
