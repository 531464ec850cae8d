// Which channels a source puts an event into, as Flume's channel selectors decide.
import type { Component, Setting, Source } from './configuration.ts';
import { isType, wordsOf } from './configuration.ts';

export type Headers = Readonly<Record<string, string>>;

export interface Selection {
  /** The call is answered OK only when all of these have the event. */
  readonly required: readonly string[];
  /** Get it too, and nobody hears of it where they do not. */
  readonly optional: readonly string[];
  /** True: only one of `required`, in turns or by chance. */
  readonly oneOf: boolean;
  /** Why this may not be what the agent does. */
  readonly note?: string;
}

const className = (name: string): string => `org.apache.flume.channel.${name}ChannelSelector`;

/** @param headers as they are behind the source's interceptors */
export function selectChannels(source: Source, headers: Headers): Selection {
  const { selector, channels } = source;
  const all = { required: channels, optional: [], oneOf: false };
  if (isType(selector, 'multiplexing', className('Multiplexing'))) return multiplexed(source, headers);
  if (isType(selector, 'load_balancing', className('LoadBalancing'))) return { ...all, oneOf: true };
  if (selector.type === undefined || isType(selector, 'replicating', className('Replicating'))) {
    const optional = wordsOf(selector.settings.get('optional'));
    return { required: channels.filter((name) => !optional.includes(name)), optional, oneOf: false };
  }
  return { ...all, note: `the selector ${selector.type} is not known here` };
}

/** The header that a multiplexing selector looks at. */
const headerOf = ({ settings }: Component): string => settings.get('header')?.value ?? 'flume.selector.header';

/** Values are compared as they are, but for what is blank: that is as good as missing. */
function multiplexed({ selector }: Source, headers: Headers): Selection {
  const name = headerOf(selector);
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const setting = (key: string): Setting | undefined => selector.settings.get(key);
  const fallback = wordsOf(setting('default'));
  const mapped = value === undefined || isBlank(value) ? undefined : setting(`mapping.${value}`);
  const required = mapped === undefined ? fallback : wordsOf(mapped);
  // Flume leaves out what the mapping of the same value requires.
  const taken = setting(`mapping.${value}`) === undefined ? fallback : wordsOf(setting(`mapping.${value}`));
  const optional = wordsOf(value === undefined ? undefined : setting(`optional.${value}`));
  const selection = { required, optional: optional.filter((channel) => !taken.includes(channel)), oneOf: false };
  if (required.length > 0) return selection;
  const shown = value === undefined ? `no header ${name}` : `${name}=${value}`;
  return { ...selection, note: `no channel is mapped to ${shown}, and there is no default: the event is lost` };
}

// Java's trim() cuts everything up to the space.
const isBlank = (value: string): boolean => !/[^\0-\x20]/.test(value);
