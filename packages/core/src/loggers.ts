/**
 * The door for transports that are built on the core: from a logger's record to headers and body. Applications need
 * nothing of it.
 *
 * @module flume-thrift-client/loggers
 */
export { systemClock, within } from './clock.ts';
export type { ContextOptions, ContextStore, ResolvedContext, StoreContextOptions } from './event/context.ts';
export type { HeaderList, HeaderSource } from './event/flume-event.ts';
export { headerValue, valueAt } from './event/header-value.ts';
export type { PresetName, RecordFacts } from './event/preset.ts';
export { copyOf } from './event/record-copy.ts';
export { type HeaderField, RecordHeaders, type RecordHeadersOptions } from './event/record-headers.ts';
export { type MappedRecord, mapRecord, type RecordMap } from './event/record-map.ts';
export { HiddenFields, type Redaction } from './event/redaction.ts';
export { type LineListener, LineSplitter } from './line-splitter.ts';
export { loggerAdditions } from './options/logger-additions.ts';
export { type LoggerOption, type RecordOptions, type ResolvedRecord, resolveLogger } from './options/record-options.ts';
export { waitMs } from './options/wait-options.ts';
