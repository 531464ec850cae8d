/**
 * The public door of pino-flume.
 *
 * @module pino-flume
 */

export type { Report } from 'flume-thrift-client';
export { installShutdown, type ShutdownSignalOptions } from 'flume-thrift-client';
export type { MappedRecord, RecordMap } from 'flume-thrift-client/loggers';
export type { PinoFlumeStream } from './byte-stream.ts';
export type { PinoFlumeStats } from './line-source.ts';
export type { PinoFlumeInProcessOptions, PinoFlumeOptions, PinoTransportOptions } from './options.ts';
export { pinoFlume as default, pinoFlume } from './pino-flume.ts';
