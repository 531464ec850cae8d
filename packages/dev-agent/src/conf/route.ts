// Where an event would go in an agent: through the interceptors and the selector to channels, and on to their sinks.

import type { BucketTime, Rounding } from './bucket-path.ts';
import { expandPath, latestMs, needsTime } from './bucket-path.ts';
import type { AgentConfiguration, Component, Configuration, Sink, Source } from './configuration.ts';
import { isType } from './configuration.ts';
import { intercept } from './interceptors.ts';
import type { Headers } from './selector.ts';
import { selectChannels } from './selector.ts';

export interface Destination {
  readonly sink: string;
  readonly type: string;
  /** Where it writes, as far as the configuration tells: a path, a topic, `host:port`. */
  readonly place?: string;
  /** Why the sink would stop at this event, or write it where nobody looks. */
  readonly warning?: string;
}

export interface ChannelRoute {
  readonly channel: string;
  /** The topic of a Kafka channel, which others may read from. */
  readonly place?: string;
  /** The source does not care whether the channel takes it. */
  readonly optional: boolean;
  /** Of several sinks one gets the event. */
  readonly sinks: readonly Destination[];
}

export interface Route {
  readonly source: string;
  readonly channels: readonly ChannelRoute[];
  /** True: only one of the channels that are not optional gets it. */
  readonly oneOf: boolean;
  /** Why the event may go elsewhere, or nowhere. */
  readonly notes: readonly string[];
}

/**
 * @param headers as the client sends them
 * @param atMs when the event arrives, in milliseconds
 */
export function routeOf(agent: AgentConfiguration, source: Source, headers: Headers, atMs: number): Route {
  const intercepted = intercept(source, headers, atMs);
  const selection = selectChannels(source, intercepted.headers);
  const passed = intercepted.unknown.map((name) => `what the interceptor ${name} does is not known here`);
  const routeTo = (channel: string, optional: boolean): ChannelRoute => ({
    channel,
    ...placed(kafkaTopic(agent.channels.find(({ name }) => name === channel))),
    optional,
    sinks: agent.sinks
      .filter((sink) => sink.channel === channel)
      .map((sink) => destination(sink, intercepted.headers, atMs)),
  });
  return {
    source: source.name,
    channels: [
      ...selection.required.map((channel) => routeTo(channel, false)),
      ...selection.optional.map((channel) => routeTo(channel, true)),
    ],
    oneOf: selection.oneOf,
    notes: [...passed, ...(selection.note === undefined ? [] : [selection.note])],
  };
}

/** The Thrift source of an agent, which is what clients here talk to; with `name` that one; throws where there is none. */
export function thriftSource(
  { agents }: Configuration,
  name?: string,
): { readonly agent: AgentConfiguration; readonly source: Source } {
  const candidates =
    name === undefined ? [...agents.values()] : [...agents.values()].filter((one) => one.name === name);
  const names = [...agents.keys()].join(', ');
  if (candidates.length === 0)
    throw new Error(`it configures no agent${name === undefined ? '' : ` ${name}; the agents are ${names}`}`);
  if (candidates.length > 1) throw new Error(`it configures several agents: ${names}`);
  const [agent] = candidates as [AgentConfiguration];
  const source = agent.sources.find((one) => isType(one, 'thrift', 'org.apache.flume.source.ThriftSource'));
  if (source === undefined) throw new Error(`the agent ${agent.name} has no Thrift source`);
  return { agent, source };
}

function destination(sink: Sink, headers: Headers, atMs: number): Destination {
  const base = { sink: sink.name, type: sink.type ?? '' };
  try {
    return { ...base, ...placeOf(sink, headers, atMs) };
  } catch (error) {
    return { ...base, warning: `the sink would stop at this event: ${(error as Error).message}` };
  }
}

function placeOf(sink: Sink, headers: Headers, atMs: number): { place?: string; warning?: string } {
  const value = (name: string): string | undefined => sink.settings.get(name)?.value;
  if (isType(sink, 'hdfs', 'org.apache.flume.sink.hdfs.HDFSEventSink')) {
    const path = value('hdfs.path') ?? '';
    const prefix = value('hdfs.filePrefix') ?? 'FlumeData';
    const time = bucketTime(sink, atMs);
    const usesHeader = needsTime(path + prefix) && time.nowMs === undefined;
    if (usesHeader && Math.abs(Number(headers.timestamp)) > latestMs) {
      return {
        warning: 'its header timestamp is beyond every calendar; are these nanoseconds? Flume takes milliseconds',
      };
    }
    const place = `${expandPath(path, headers, time)}/${expandPath(prefix, headers, time)}`;
    // 1990 in milliseconds; in seconds that would be the year 21970.
    if (usesHeader && Number(headers.timestamp) < 631_152_000_000) {
      return { place, warning: 'its header timestamp is long ago; are these seconds? Flume takes milliseconds' };
    }
    return { place };
  }
  if (isType(sink, 'file_roll', 'org.apache.flume.sink.RollingFileSink')) return placed(value('sink.directory'));
  if (sink.type?.endsWith('KafkaSink') === true) return placed(topicOf(sink, headers));
  const host = value('hostname');
  return placed(host && `${host}:${value('port') ?? ''}`);
}

function kafkaTopic(channel: Component | undefined): string | undefined {
  const isKafka = channel?.type === 'org.apache.flume.channel.kafka.KafkaChannel';
  return isKafka ? (channel.settings.get('kafka.topic')?.value ?? 'flume-channel') : undefined;
}

const placed = (place: string | undefined): { place?: string } => (place === undefined ? {} : { place });

/** A header `topic` wins, unless that was switched off. */
function topicOf({ settings }: Component, headers: Headers): string {
  const header = settings.get('topicHeader')?.value ?? 'topic';
  const topic = settings.get('kafka.topic')?.value ?? 'default-flume-topic';
  if (settings.get('allowTopicOverride')?.value.toLowerCase() === 'false') return topic;
  return Object.hasOwn(headers, header) ? (headers[header] ?? topic) : expandPath(topic, headers);
}

function bucketTime({ settings }: Component, atMs: number): BucketTime {
  const value = (name: string): string | undefined => settings.get(`hdfs.${name}`)?.value;
  const isTrue = (name: string): boolean => value(name)?.toLowerCase() === 'true';
  return {
    timeZone: value('timeZone'),
    rounding: isTrue('round')
      ? roundingOf(value('roundUnit') ?? 'second', Number(value('roundValue') ?? 1))
      : undefined,
    nowMs: isTrue('useLocalTimeStamp') ? atMs : undefined,
  };
}

/** Of another unit Flume warns in its log, and does not round. */
function roundingOf(unit: string, value: number): Rounding | undefined {
  const name = unit.toLowerCase();
  return name === 'second' || name === 'minute' || name === 'hour' ? { unit: name, value } : undefined;
}
