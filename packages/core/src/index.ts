// The public door of flume-thrift-client.

export { EmbeddedAgent, type EmbeddedAgentEvents, type WaitOptions } from './embedded-agent.ts';
export type { EndpointOption, TlsOptions } from './endpoint.ts';
export { FlumeError, type FlumeErrorCode } from './errors.ts';
export type { ContextOptions, ContextStore, ResolvedContext, StoreContextOptions } from './event/context.ts';
export type { FlumeEvent, HeaderList, HeaderSource } from './event/flume-event.ts';
export { headerText } from './event/header-text.ts';
export { headerValue, valueAt } from './event/header-value.ts';
export type { PresetName, RecordFacts } from './event/preset.ts';
export { type HeaderField, RecordHeaders, type RecordHeadersOptions, withHeaders } from './event/record-headers.ts';
export { type MappedRecord, mapRecord, type RecordMap } from './event/record-map.ts';
export type { Redaction } from './event/redaction.ts';
export { type CallOptions, FlumeClient } from './flume-client.ts';
export { type LineListener, LineSplitter } from './line-splitter.ts';
export type { AgentStateMessage, BatchMessage, FlumeDiagnostics, ObservedMessage } from './observe/diagnostics.ts';
export type {
  ChannelOptions,
  FileChannelOptions,
  MemoryChannelOptions,
  SpillableChannelOptions,
  WhenFull,
} from './options/channel-options.ts';
export type { FlumeClientOptions } from './options/client-options.ts';
export type { DeadEvent, DeadLetterOption } from './options/dead-letter-option.ts';
export type { DeliveryOptions, RetryOptions } from './options/delivery-options.ts';
export { type RecordOptions, type ResolvedRecord, resolveLogger } from './options/record-options.ts';
export { installShutdown, type ShutdownSignalOptions } from './process/shutdown-signals.ts';
export type { AgentState, AgentStats, DropReason, Report, Stats } from './stats.ts';
export type { ProtocolName } from './thrift/protocol.ts';
