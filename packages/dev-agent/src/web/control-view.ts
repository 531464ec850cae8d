// The agent itself, as the control API shows it.
import type { EventLog } from '../event-log.ts';
import type { PlannedStep, ScriptStep } from '../script.ts';
import type { ConnectionView, Latency, Monitor, Rate } from './monitor.ts';

/** The agent, as far as it is shown and driven. */
export interface Controlled {
  readonly log: EventLog;
  readonly monitor: Monitor;
  readonly about: AgentView;
  readonly plan: readonly PlannedStep[];
  /** Throws a TypeError that says what is wrong. */
  script(steps: readonly ScriptStep[]): void;
  drain(): readonly unknown[];
  dropConnections(): void;
}

/** Where the agent listens and what it speaks. */
export interface AgentView {
  readonly host: string;
  readonly port: number;
  /** Of a Unix socket. */
  readonly path: string | null;
  readonly protocol: string;
  readonly framed: boolean;
  readonly tls: boolean;
  /** The configuration that routes are taken from. */
  readonly conf: string | null;
}

/** The answer of GET /api/script: the steps that are left. JSON has no Infinity: that is null. */
export interface ScriptView {
  readonly stepsLeft: number | null;
  readonly steps: readonly { readonly step: string; readonly left: number | null }[];
}

/** The answer of GET /api/stats. */
export interface StatsView {
  readonly agent: AgentView;
  /** Times are milliseconds since 1970. */
  readonly nowMs: number;
  readonly startedMs: number;
  /** Events that were stored. */
  readonly accepted: number;
  /** Of their bodies. */
  readonly bytes: number;
  readonly calls: number;
  /** Calls that are not answered yet. */
  readonly open: number;
  /** How many calls were answered how. */
  readonly answers: Readonly<Record<string, number>>;
  readonly latency: Latency;
  readonly kept: {
    readonly events: number;
    /** About how much memory they take. */
    readonly bytes: number;
    readonly letGo: number;
    readonly first: number;
    readonly next: number;
  };
  readonly script: ScriptView;
  readonly connections: readonly ConnectionView[];
  readonly rates: readonly Rate[];
}

export function scriptView(steps: readonly PlannedStep[]): ScriptView {
  return { stepsLeft: steps.reduce((sum, { left }) => sum + left, 0), steps };
}

export function statsView({ log, monitor, about, plan }: Controlled): StatsView {
  const { accepted, bytes, calls, open, answers, connections, latency, rates, startedMs } = monitor;
  const { first, next } = log;
  return {
    agent: about,
    nowMs: Date.now(),
    startedMs,
    accepted,
    bytes,
    calls,
    open,
    answers,
    latency,
    kept: { events: next - first, bytes: log.bytes, letGo: first - 1, first, next },
    script: scriptView(plan),
    connections,
    rates,
  };
}
