// An agent's configuration, examined: what Flume itself passes over, and the traps that cost events or an agent.

import { type AgentConfiguration, readConfiguration } from 'flume-dev-agent/conf';
import { UsageError } from 'flume-thrift-client/commands';
import { heapBytes } from './agent-heap.ts';
import { type Kind, unknownPart, unknownSetting, unknownType } from './component-keys.ts';
import { type Trap, type TrapFinding, traps } from './configuration-traps.ts';

export interface ConfigurationCheck {
  readonly agent: string;
  readonly findings: readonly TrapFinding[];
  /** Guesses of what may be meant: no findings. */
  readonly notes: readonly TrapFinding[];
}

export interface CheckManner {
  /** Where the file configures several. */
  readonly agent: string | undefined;
  /** A restart must lose nothing. */
  readonly durable: boolean;
  /** As `-Xmx` has it: `512m`. */
  readonly heap: string | undefined;
}

/** @throws UsageError where it is not clear which agent is meant, or what the heap is */
export function judgeConfiguration(text: string, manner: CheckManner): ConfigurationCheck {
  const { agents, problems } = readConfiguration(text);
  const agent = theAgent(agents, manner.agent);
  const heap = manner.heap === undefined ? undefined : heapBytes(manner.heap);
  const own = problems
    .filter(({ message }) => isOf(message, agent.name, agents))
    .map(({ line, message }) => ({ line, what: message }));
  const found = traps.flatMap((trap: Trap) => trap(agent, { durable: manner.durable, heap }));
  const all = [...own, ...strangers(agent), ...found].sort((one, other) => one.line - other.line);
  return {
    agent: agent.name,
    findings: all.filter(({ note }: TrapFinding) => note !== true),
    notes: all.filter(({ note }: TrapFinding) => note === true),
  };
}

function theAgent(agents: ReadonlyMap<string, AgentConfiguration>, name: string | undefined): AgentConfiguration {
  const names = [...agents.keys()].join(', ');
  if (name !== undefined) {
    const agent = agents.get(name);
    if (agent === undefined) throw new UsageError(`--name: the file configures no agent ${name}, but ${names}`);
    return agent;
  }
  const [only] = agents.values();
  if (only === undefined) throw new UsageError('--conf: the file configures no agent');
  if (agents.size > 1) throw new UsageError(`--name: the file configures several agents: ${names}`);
  return only;
}

/** A problem begins with the agent's name, or is of no agent. */
function isOf(message: string, name: string, agents: ReadonlyMap<string, AgentConfiguration>): boolean {
  const [first = ''] = message.split('.');
  return first === name || !agents.has(first);
}

/** Types and settings that Flume does not know: it leaves a component out, or the setting. */
function strangers(agent: AgentConfiguration): TrapFinding[] {
  const findings: TrapFinding[] = [];
  const kinds: readonly Kind[] = ['sources', 'channels', 'sinks'];
  for (const kind of kinds) {
    for (const { name, type, line, settings } of agent[kind]) {
      if (type === undefined) continue;
      const path = `${agent.name}.${kind}.${name}`;
      const stranger = unknownType(kind, type);
      if (stranger !== undefined) {
        findings.push({ line, what: `${path}.type: Flume knows no ${type}`, ...instead(`${path}.type = `, stranger) });
        continue;
      }
      for (const [key, setting] of settings) {
        const unknown = unknownSetting(kind, type, key);
        if (unknown === undefined) continue;
        const what = `${path}.${key}: ${type} has no such setting; Flume ignores it`;
        const set = unknown.nearest === undefined ? {} : { set: `${path}.${unknown.nearest} = ${setting.value}` };
        findings.push({ line: setting.line, what, ...set });
      }
    }
  }
  for (const source of agent.sources) {
    const path = `${agent.name}.sources.${source.name}`;
    for (const { name, type, line } of source.interceptors) {
      const unknown = type === undefined ? { nearest: undefined } : unknownPart('interceptor', type);
      if (unknown === undefined) continue;
      const at = `${path}.interceptors.${name}.type`;
      findings.push({
        line,
        what: `${at}: Flume knows no ${type ?? 'interceptor without a type'}`,
        ...instead(`${at} = `, unknown),
      });
    }
    const { type, line } = source.selector;
    const unknown = type === undefined ? undefined : unknownPart('selector', type);
    if (unknown !== undefined) {
      findings.push({
        line,
        what: `${path}.selector.type: Flume knows no ${type}`,
        ...instead(`${path}.selector.type = `, unknown),
      });
    }
  }
  return findings;
}

const instead = (start: string, { nearest }: { readonly nearest: string | undefined }): { set?: string } =>
  nearest === undefined ? {} : { set: `${start}${nearest}` };
