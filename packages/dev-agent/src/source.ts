// The source: does with a call as Flume would, or as the script says.
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, CallRecord } from './call.ts';
import { status } from './message.ts';
import type { PlannedStep, ScriptFunction, ScriptStep } from './script.ts';
import { Script } from './script.ts';
import type { SourceChannel } from './source-channel.ts';
import type { Plan } from './step.ts';
import { planOf } from './step.ts';
import type { ThriftConnection } from './thrift-connection.ts';

export interface SourceOptions {
  readonly channel: SourceChannel;
  readonly latencyMs: number;
  /** Aborted when the agent closes. */
  readonly signal: AbortSignal;
}

export interface SourceListener {
  called(call: CallRecord): void;
  /** `answer` says how, in words. */
  answered(call: CallRecord, answer: string): void;
  /** A script function threw. */
  failed(error: Error): void;
}

export class Source {
  readonly #options: SourceOptions;
  readonly #listener: SourceListener;
  #script = new Script([]);

  constructor(options: SourceOptions, listener: SourceListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get stepsLeft(): number {
    return this.#script.stepsLeft;
  }

  get plan(): readonly PlannedStep[] {
    return this.#script.plan;
  }

  script(steps: readonly ScriptStep[] | ScriptFunction): void {
    this.#script = new Script(steps);
  }

  /** Stays synchronous where nothing has to be waited for: that is the fast path. */
  execute(call: Call, connection: ThriftConnection): void | Promise<void> {
    const { method, seqid, events } = call;
    const execution: Execution = {
      call,
      record: { method, count: events.length, seqid, connection: call.connection },
      connection,
    };
    this.#listener.called(execution.record);
    let plan: Plan | undefined | Promise<Plan | undefined>;
    try {
      plan = this.#script.next(call);
    } catch (error) {
      plan = Promise.reject(error);
    }
    if (plan !== undefined || this.#options.latencyMs > 0) return this.#perform(plan, execution);
    const refusal = this.#options.channel.put(events, call.connection);
    if (!(refusal instanceof Promise)) return this.#answer(execution, asFlume, refusal);
    return refusal.then((reason) => this.#answer(execution, asFlume, reason));
  }

  async #perform(decided: Plan | undefined | Promise<Plan | undefined>, execution: Execution): Promise<void> {
    const { channel, latencyMs, signal } = this.#options;
    const { call, connection } = execution;
    let plan: Plan;
    try {
      plan = (await decided) ?? asFlume;
    } catch (error) {
      connection.close('the script function threw');
      this.#listener.failed(error as Error);
      return;
    }
    const delayMs = latencyMs + plan.delayMs;
    // A client that leaves meanwhile changes nothing: Flume stores the events all the same.
    if (delayMs > 0) await delay(delayMs, undefined, { signal }).catch(() => {});
    const refusal = plan.commit ? await channel.put(call.events, call.connection) : undefined;
    this.#answer(execution, plan, refusal);
  }

  #answer({ call, record, connection }: Execution, plan: Plan, refusal: string | undefined): void {
    // Calls that were waiting when the agent was closed are given up; the channel has refused their events.
    if (this.#options.signal.aborted) return;
    const { wire } = connection;
    const { act, label } = plan;
    const scripted = `script: ${label}`;
    if (refusal !== undefined) {
      connection.send(wire.frame(wire.codec.reply(call.method, call.seqid, status.failed)));
    } else if (act.tag === 'send') {
      connection.send(act.bytes(wire, call));
      if (act.thenClose) connection.close(scripted);
    } else if (act.tag === 'stall') {
      connection.stall();
    } else {
      connection[act.tag](scripted);
    }
    this.#listener.answered(record, refusal !== undefined ? `FAILED: ${refusal}` : plan === asFlume ? 'OK' : scripted);
  }
}

interface Execution {
  readonly call: Call;
  readonly record: CallRecord;
  readonly connection: ThriftConnection;
}

const asFlume = planOf('ok', 'flume');
