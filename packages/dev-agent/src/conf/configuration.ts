// A Flume agent's configuration: sources with their selectors and interceptors, channels, sinks, each setting with its line.
import type { Property } from './properties.ts';
import { parseProperties } from './properties.ts';

export interface Setting {
  /** Without blanks around it, as Flume takes it. */
  readonly value: string;
  /** Where it is in the file, from 1. */
  readonly line: number;
}

/** A source, channel, sink, sink group, selector or interceptor. */
export interface Component {
  readonly name: string;
  /** As it is written: `memory`, `Memory`, or the name of a class; undefined where there is none. */
  readonly type: string | undefined;
  /** Where its type stands, or else the list that names it. */
  readonly line: number;
  /** By the names below the component: `capacity`, `hdfs.path`. Of double ones the last, as in Java. */
  readonly settings: ReadonlyMap<string, Setting>;
}

export interface Source extends Component {
  readonly channels: readonly string[];
  /** Its type is undefined where none is configured; Flume then replicates. */
  readonly selector: Component;
  /** In their order. */
  readonly interceptors: readonly Component[];
}

export interface Sink extends Component {
  readonly channel: string | undefined;
}

export interface AgentConfiguration {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly channels: readonly Component[];
  readonly sinks: readonly Sink[];
  readonly sinkGroups: readonly Component[];
}

/** Lines that Flume passes over, most of them without a word on the console. */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

export interface Configuration {
  /** By name; a file may configure several. */
  readonly agents: ReadonlyMap<string, AgentConfiguration>;
  /** In the order of their lines. */
  readonly problems: readonly Problem[];
  /** Every entry of the file. */
  readonly properties: readonly Property[];
}

/**
 * Reads a configuration; never throws.
 *
 * @example
 * const { agents } = readConfiguration(readFileSync('a1.conf', 'utf8'));
 * agents.get('a1')?.channels[0]?.settings.get('capacity'); // { value: '10000', line: 14 }
 */
export function readConfiguration(text: string): Configuration {
  const properties = parseProperties(text);
  const problems: Problem[] = [];
  const byAgent = new Map<string, Map<string, Setting>>();
  for (const { key, value, line } of properties) {
    const [, agent = '', name = ''] = /^([^.]*)\.?([^]*)$/.exec(key.trim()) ?? [];
    const report = (what: string): unknown => problems.push({ line, message: `${key.trim()}: ${what}` });
    if (agent === '' || name === '') report('not of the form agent.name = value; Flume ignores it');
    else if (value.trim() === '') report('has no value; Flume ignores it');
    else {
      const settings = byAgent.get(agent) ?? new Map<string, Setting>();
      byAgent.set(agent, settings);
      const earlier = settings.get(name);
      if (earlier !== undefined) report(`is set in line ${earlier.line} too; the last one counts`);
      settings.set(name, { value: value.trim(), line });
    }
  }
  const agents = new Map([...byAgent].map(([name, settings]) => [name, readAgent(name, settings, problems)]));
  return { agents, problems: problems.sort((one, other) => one.line - other.line), properties };
}

/** The words of a list: `c1 c2`. */
export const wordsOf = (setting: Setting | undefined): string[] => setting?.value.split(/\s+/).filter(Boolean) ?? [];

/** Types are written as a short name in any case, or as the name of Flume's class: `Memory`, `org.apache.flume.channel.MemoryChannel`. */
export function isType({ type = '' }: Component, shortName: string, className: string): boolean {
  return type.toLowerCase() === shortName || type === className;
}

type Settings = ReadonlyMap<string, Setting>;

function readAgent(name: string, settings: Settings, problems: Problem[]): AgentConfiguration {
  const report = (line: number, message: string): unknown => problems.push({ line, message: `${name}.${message}` });
  const list = (kind: string): Component[] => {
    const named = wordsOf(settings.get(kind));
    const components = [...new Set(named)].map((word) => component(settings, kind, word));
    for (const { name: word, line, settings: own, type } of components) {
      if (own.size === 0) report(line, `${kind}: ${word} is named but not configured; Flume leaves it out`);
      else if (type === undefined && kind !== 'sinkgroups') {
        report(line, `${kind}.${word}: has no type; Flume leaves it out`);
      }
    }
    const strangers = new Set<string>();
    for (const [key, { line }] of settings) {
      const [, word] = new RegExp(`^${kind}\\.([^.]+)\\.`).exec(key) ?? [];
      if (word === undefined || named.includes(word) || strangers.has(word)) continue;
      strangers.add(word);
      report(line, `${kind}.${word}: is configured but not in the list ${name}.${kind}; Flume leaves it out`);
    }
    return components;
  };
  const channels = list('channels');
  const checkChannel = (owner: string, { value, line }: Setting): void => {
    for (const word of value.split(/\s+/)) {
      if (!channels.some((channel) => channel.name === word)) report(line, `${owner}: there is no channel ${word}`);
    }
  };
  const sources = list('sources').map((source): Source => {
    const of = source.settings.get('channels');
    if (of !== undefined) checkChannel(`sources.${source.name}.channels`, of);
    else if (source.settings.size > 0) report(source.line, `sources.${source.name}: has no channels`);
    return {
      ...source,
      channels: wordsOf(of),
      selector: { ...component(source.settings, 'selector'), name: `${source.name}.selector` },
      interceptors: wordsOf(source.settings.get('interceptors')).map((word) => {
        return component(source.settings, 'interceptors', word);
      }),
    };
  });
  const sinks = list('sinks').map((sink): Sink => {
    const of = sink.settings.get('channel');
    if (of !== undefined) checkChannel(`sinks.${sink.name}.channel`, of);
    else if (sink.settings.size > 0) {
      const plural = sink.settings.has('channels') ? '; a sink has one: channel, not channels' : '';
      report(sink.line, `sinks.${sink.name}: has no channel${plural}`);
    }
    return { ...sink, channel: of?.value };
  });
  return { name, sources, channels, sinks, sinkGroups: list('sinkgroups') };
}

/** The keys below `kind.name.`, or below `kind.`. */
function component(settings: Settings, kind: string, name?: string): Component {
  const prefix = name === undefined ? `${kind}.` : `${kind}.${name}.`;
  const own = new Map<string, Setting>();
  for (const [key, setting] of settings) if (key.startsWith(prefix)) own.set(key.slice(prefix.length), setting);
  const type = own.get('type');
  const line = type?.line ?? settings.get(kind)?.line ?? [...own.values()][0]?.line ?? 0;
  return { name: name ?? kind, type: type?.value, line, settings: own };
}
