/**
 * A Flume Thrift source for development and tests; production is a real Flume agent.
 *
 * @module flume-dev-agent
 */

export type { ProtocolName } from './bounded-protocol.ts';
export type { Call, CallRecord, Method, ReceivedEvent } from './call.ts';
export type { DevAgent, DevAgentEvents } from './dev-agent.ts';
export { startDevAgent } from './dev-agent.ts';
export type { ExceptionText } from './message.ts';
export type { DevAgentOptions } from './options.ts';
export type { ScriptFunction, ScriptStep } from './script.ts';
export type { Step, StepName } from './step.ts';
export { stepNames } from './step.ts';
export type { AgentView, ScriptView, StatsView } from './web/control-view.ts';
export type { EventPage, EventView } from './web/event-reader.ts';
export type { StreamedEvents } from './web/event-stream.ts';
export type { ConnectionView, Latency, Rate } from './web/monitor.ts';
