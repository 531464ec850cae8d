/**
 * The door of flume-thrift-client for applications.
 *
 * @module flume-thrift-client
 */

export { EmbeddedAgent } from './embedded-agent.ts';
export type { EndpointOption, KerberosOptions, TlsOptions } from './endpoint.ts';
export { FlumeError, type FlumeErrorCode } from './errors.ts';
export type { FlumeEvent } from './event/flume-event.ts';
export { type CallOptions, FlumeClient } from './flume-client.ts';
export type { AgentStateMessage, BatchMessage, FlumeDiagnostics, ObservedMessage } from './observe/diagnostics.ts';
export type { EmbeddedAgentEvents } from './observe/reports.ts';
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
export type { WaitOptions } from './options/wait-options.ts';
export { installShutdown, type ShutdownSignalOptions } from './process/shutdown-signals.ts';
export type { AgentState, AgentStats, DropReason, Report, Stats } from './stats.ts';
export type { ProtocolName } from './thrift/protocol.ts';
