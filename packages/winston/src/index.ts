/**
 * The public door of winston-flume.
 *
 * @module winston-flume
 */

// Types that appear in the signatures, so that nobody needs the core package for its types.
export type { FlumeError, Report, WaitOptions } from 'flume-thrift-client';
export { installShutdown, type ShutdownSignalOptions } from 'flume-thrift-client';
export type { MappedRecord, RecordMap } from 'flume-thrift-client/loggers';
export type { FlumeTransportOptions, WinstonRecord } from './options.ts';
export { FlumeTransport, FlumeTransport as default, type FlumeTransportClass } from './public-transport.ts';
export { type EndableLogger, type ShutdownOptions, shutdown } from './shutdown.ts';
export type { TransportStats } from './total-stats.ts';
