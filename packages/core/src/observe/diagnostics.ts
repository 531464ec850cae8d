// Messages of what happens inside, for whoever subscribes by node:diagnostics_channel; for nobody they cost a look at a
// flag.

import { channel } from 'node:diagnostics_channel';
import type { FlumeError } from '../errors.ts';
import type { DropReason, Report, Stats } from '../stats.ts';

/**
 * The channels of this package, each with its message.
 *
 * @example
 * subscribe('flume:drop', (message) => {
 *   const { count, reason } = message as FlumeDiagnostics['flume:drop'];
 * });
 */
export interface FlumeDiagnostics {
  /** An EmbeddedAgent was constructed: a logger's transport has one, too. */
  'flume:open': ObservedMessage;
  /** It was closed: what became of its events. */
  'flume:close': ObservedMessage & { readonly report: Report };
  /** An agent acknowledged a batch. */
  'flume:batch:delivered': BatchMessage;
  /** It did not: the batch is sent again, or its events are dropped. */
  'flume:batch:failed': BatchMessage & { readonly error: FlumeError };
  /** Every loss. */
  'flume:drop': ObservedMessage & { readonly count: number; readonly reason: DropReason };
  /** An agent began to fail, or accepted events again. */
  'flume:agent:state': AgentStateMessage;
}

export interface ObservedMessage {
  /** The EmbeddedAgent, to tell one from another. */
  readonly source: { stats(): Stats };
}

export interface BatchMessage extends ObservedMessage {
  /** The agent's endpoint, as `stats()` has it. */
  readonly agent: string;
  readonly events: number;
  /** Encoded, without the frame around them. */
  readonly bytes: number;
  /** Milliseconds from when it was written until the answer; calls before it on the connection included. */
  readonly durationMs: number;
}

export interface AgentStateMessage extends ObservedMessage {
  /** The agent's endpoint, as `stats()` has it. */
  readonly agent: string;
  readonly state: 'failing' | 'recovered';
  /** Why it fails; undefined when it has recovered. */
  readonly error: FlumeError | undefined;
  /** How long it failed, in milliseconds; 0 when it begins. */
  readonly outageMs: number;
}

export class Diagnostics {
  readonly #source: ObservedMessage['source'];

  constructor(source: ObservedMessage['source']) {
    this.#source = source;
  }

  opened(): void {
    if (opened.hasSubscribers) opened.publish({ source: this.#source });
  }

  closed(report: Report): void {
    if (closed.hasSubscribers) closed.publish({ source: this.#source, report });
  }

  answered(
    agent: string,
    batch: { readonly count: number; readonly byteLength: number },
    durationMs: number,
    error: FlumeError | undefined,
  ): void {
    if (!(error === undefined ? delivered : failed).hasSubscribers) return;
    const message = { source: this.#source, agent, events: batch.count, bytes: batch.byteLength, durationMs };
    if (error === undefined) delivered.publish(message);
    else failed.publish({ ...message, error });
  }

  dropped(count: number, reason: DropReason): void {
    if (dropped.hasSubscribers) dropped.publish({ source: this.#source, count, reason });
  }

  failing(agent: string, error: FlumeError): void {
    this.#state(agent, 'failing', error, 0);
  }

  recovered(agent: string, outageMs: number): void {
    this.#state(agent, 'recovered', undefined, outageMs);
  }

  #state(agent: string, state: AgentStateMessage['state'], error: FlumeError | undefined, outageMs: number): void {
    if (agentState.hasSubscribers) agentState.publish({ source: this.#source, agent, state, error, outageMs });
  }
}

interface TypedChannel<Name extends keyof FlumeDiagnostics> {
  readonly hasSubscribers: boolean;
  publish(message: FlumeDiagnostics[Name]): void;
}

function typed<Name extends keyof FlumeDiagnostics>(name: Name): TypedChannel<Name> {
  return channel(name);
}

const opened = typed('flume:open');
const closed = typed('flume:close');
const delivered = typed('flume:batch:delivered');
const failed = typed('flume:batch:failed');
const dropped = typed('flume:drop');
const agentState = typed('flume:agent:state');
