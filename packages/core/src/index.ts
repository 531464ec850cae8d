// The public door of flume-thrift-client.
export type { DeadEvent, DeadLetterOption } from './dead-letter.ts';
export { EmbeddedAgent, type EmbeddedAgentEvents, type WaitOptions } from './embedded-agent.ts';
export type { EndpointOption, TlsOptions } from './endpoint.ts';
export { FlumeError, type FlumeErrorCode } from './errors.ts';
export type { FlumeEvent, HeaderList, HeaderSource } from './event/flume-event.ts';
export type { PresetName, RecordFacts } from './event/preset.ts';
export {
  type HeaderField,
  headerValue,
  RecordHeaders,
  type RecordHeadersOptions,
  valueAt,
  withHeaders,
} from './event/record-headers.ts';
export { type MappedRecord, mapRecord, type RecordMap } from './event/record-map.ts';
export { type CallOptions, FlumeClient } from './flume-client.ts';
export {
  type ChannelOptions,
  type DeliveryOptions,
  type FileChannelOptions,
  type FlumeClientOptions,
  type MemoryChannelOptions,
  type ProtocolName,
  type RecordOptions,
  type ResolvedRecord,
  type RetryOptions,
  resolveLogger,
  type WhenFull,
} from './options.ts';
export { installShutdown, type ShutdownSignalOptions } from './shutdown-signals.ts';
export type { AgentState, AgentStats, DropReason, Report, Stats } from './stats.ts';
