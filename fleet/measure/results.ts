// What `npm run fleet:measure` has found, part by part, as it stands in fleet/results/agent.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type {
  acceptQueue,
  connectAtOnce,
  costOfConnections,
  moreClientsThanThreads,
  tlsConnections,
} from './connections.ts';
import type { refusalsAtOnce, refusalTime } from './full-channel.ts';
import type { heapPerConnection, heapPerEvent } from './memory.ts';
import type { restartTime } from './restarts.ts';
import type { Passage } from './sinks.ts';
import type { Throughput } from './throughput.ts';

export interface Measured<Result> {
  readonly measuredAt: string;
  /** Of the machine in the minute before. */
  readonly load: number;
  readonly result: Result;
}

// oxlint-disable-next-line typescript/no-explicit-any
type Of<Part extends (...args: any[]) => Promise<unknown>> = Awaited<ReturnType<Part>>;

export interface AgentResults {
  readonly alone: Measured<readonly Throughput[]>;
  readonly busy: Measured<readonly Throughput[]>;
  readonly fileChannel: Measured<readonly Throughput[]>;
  readonly threads: Measured<readonly (Throughput & { readonly threads: number })[]>;
  readonly moreClientsThanThreads: Measured<Of<typeof moreClientsThanThreads>>;
  readonly connectAtOnce: Measured<Of<typeof connectAtOnce>>;
  readonly acceptQueue: Measured<Of<typeof acceptQueue>>;
  readonly tls: Measured<Of<typeof tlsConnections>>;
  readonly costOfConnections: Measured<readonly Of<typeof costOfConnections>[]>;
  readonly fullChannel: Measured<readonly Of<typeof refusalTime>[]>;
  readonly refusalsAtOnce: Measured<readonly Of<typeof refusalsAtOnce>[]>;
  readonly memory: Measured<{
    readonly connections: readonly Of<typeof heapPerConnection>[];
    readonly events: Of<typeof heapPerEvent>;
  }>;
  readonly sinks: Measured<readonly Passage[]>;
  readonly restarts: Measured<readonly Of<typeof restartTime>[]>;
  readonly machine: Machine;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly flume: string;
}

const file = path.join(import.meta.dirname, '../results/agent.json');

export const agentResults = (): AgentResults => JSON.parse(readFileSync(file, 'utf8')) as AgentResults;

/** The other parts stay as they are, each with its own date. */
export function keep(part: string, result: unknown, load: number): void {
  const measured = { measuredAt: new Date().toISOString(), load: Math.round(load * 10) / 10, result };
  const all = { ...known(), [part]: measured, machine: thisMachine() };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

export function thisMachine(): Machine {
  const processor = cpus()[0]?.model ?? 'unknown';
  return { processor, cores: cpus().length, node: process.versions.node, flume: '1.11.0' };
}

function known(): object {
  try {
    return agentResults();
  } catch {
    return {};
  }
}
