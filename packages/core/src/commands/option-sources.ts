// Where the options of a command come from. An option has one name in three spellings: `lingerMs` in a file, `--linger-ms`
// in a call, `FLUME_LINGER_MS` in the environment.

import { createRequire } from 'node:module';
import path from 'node:path';
import { FlumeError } from '../errors.ts';
import { valueAt } from '../event/header-value.ts';
import { resolveDelivery } from '../options/delivery-options.ts';
import { resolveLogger } from '../options/record-options.ts';
import { shown } from '../shown-value.ts';
import { type Flag, type FlagGroup, type GivenFlags, UsageError } from './command-line.ts';
import type { OptionFlag, OptionGroup } from './option-flags.ts';

/** The flags, each with its default, for a command's outline. */
export function optionFlags(groups: readonly OptionGroup[]): readonly FlagGroup[] {
  const { channel: memory, ...delivery } = resolveDelivery();
  const { channel: file } = resolveDelivery({ channel: { type: 'file', dir: '.' } });
  const { preset, body } = resolveLogger({}, 'module').record;
  const defaults = { ...delivery, preset, body: body.tag, channel: { ...file, ...memory, dir: undefined } };
  return groups.map(({ title, options }) => ({
    title,
    flags: options.map((flag) => ({
      name: spellings(flag).flag,
      short: flag.short,
      value: flag.value,
      repeated: isRepeated(flag),
      negative: flag.option === 'framed' || flag.option === 'tls.rejectUnauthorized',
      help: withDefault(flag.help, valueAt(defaults, flag.option.split('.'))),
    })),
  }));
}

export const configFlag: Flag = {
  name: 'config',
  short: 'c',
  value: 'file',
  help: 'these options in .json, .mjs or .cjs; flags and environment win',
};

export const optionsNote = `An option has one name: lingerMs in the file of --config, --linger-ms as a flag, FLUME_LINGER_MS in
the environment (lists with commas: FLUME_AGENTS=flume-1:4141,flume-2:4141). Flags win over the
environment, that over the file; FLUME_HOST, FLUME_PORT and FLUME_PATH count where the file names no
agents.`;

/**
 * Collects the options from the file of `--config`, the environment and the flags, and lets `resolve` check them.
 *
 * @throws UsageError that names the option as it was spelt where it is wrong
 */
export function readOptions<T>(
  groups: readonly OptionGroup[],
  given: GivenFlags,
  resolve: (options: Record<string, unknown>) => T,
  environment: NodeJS.ProcessEnv = process.env,
): T {
  const flags = groups.flatMap(({ options }) => options);
  const file = given.text('config');
  const options = file === undefined ? {} : readConfig(file);
  const origins = new Map<string, string>();
  const variables = fromEnvironment(flags, environment);
  // Of a single agent's parts none is mixed with the agents of the file, whoever has set them.
  if (addressOptions.some((name) => options[name] !== undefined)) {
    for (const name of ['host', 'port', 'path']) variables.delete(name);
  }
  const sources = [variables, fromFlags(flags, given)];
  for (const source of sources) {
    // An agent that is named here is meant instead of those named before, however these were named.
    if (addressOptions.some((name) => source.has(name))) for (const name of addressOptions) delete options[name];
    for (const [option, { value, origin }] of source) {
      put(options, option.split('.'), value, origin);
      origins.set(option, origin);
    }
  }
  const channel = options.channel as { type?: unknown; dir?: unknown } | undefined;
  if (origins.has('channel.dir') && channel?.type === undefined) Object.assign(channel ?? {}, { type: 'file' });
  try {
    return resolve(options);
  } catch (error) {
    if (!(error instanceof FlumeError) || error.code !== 'ERR_FLUME_OPTION') throw error;
    throw new UsageError(renamed(error.message, origins, file), { cause: error });
  }
}

const addressOptions = ['agents', 'host', 'port', 'path'];

type Values = Map<string, { readonly value: unknown; readonly origin: string }>;

function fromFlags(flags: readonly OptionFlag[], given: GivenFlags): Values {
  const values: Values = new Map();
  for (const flag of flags) {
    const name = spellings(flag).flag;
    if (!given.has(name)) continue;
    const origin = given.on(name) === false ? `--no-${name}` : `--${name}`;
    const list = isList(flag) ? given.texts(name).flatMap(splitList) : given.texts(name);
    const texts = isRepeated(flag) ? list : [given.text(name) ?? ''];
    values.set(flag.option, { value: given.on(name) ?? valueOf(flag, texts, origin), origin });
  }
  return values;
}

function fromEnvironment(flags: readonly OptionFlag[], environment: NodeJS.ProcessEnv): Values {
  const values: Values = new Map();
  for (const flag of flags) {
    // A list is asked for by either name, as its flag is: FLUME_AGENT for FLUME_AGENTS.
    const { variable, single = variable } = spellings(flag);
    const [origin, other] = [variable, single].filter((name) => isSet(environment[name]));
    if (origin === undefined) continue;
    if (other !== undefined && other !== origin) throw new UsageError(`${other}: expected no ${origin} beside it`);
    const text = environment[origin] as string;
    const texts = isRepeated(flag) ? splitList(text) : [text];
    values.set(flag.option, { value: valueOf(flag, texts, origin), origin });
  }
  return values;
}

/** Empty is as good as not set, which some shells and containers cannot say. */
function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '' && !isInjected(text);
}

/** Kubernetes sets `FLUME_PORT=tcp://10.0.0.5:4141` for a Service of the name flume, and so did Docker's links. */
function isInjected(text: string): boolean {
  return /^(?:tcp|udp|sctp):\/\//.test(text);
}

/** A text that should be a number and is none stays text: then the option says what was expected. */
function valueOf({ value }: OptionFlag, texts: readonly string[], origin: string): unknown {
  const [text = ''] = texts;
  if (value === undefined) {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    throw new UsageError(`${origin}: expected true or false, got ${shown(text, "'")}`);
  }
  if (value.includes('=')) {
    const read = value.endsWith('=n') ? numberOf : (part: string): string => part;
    return Object.fromEntries(
      texts.map((pair) => splitPair(pair, origin)).map(([name, part]) => [name, read(part)] as const),
    );
  }
  if (/[:,]/.test(value)) return texts;
  return value === 'n' || value === 'ms' || value === 'bytes' ? numberOf(text) : text;
}

const numberOf = (text: string): number | string => (/^-?\d+$/.test(text) ? Number(text) : text);

/** @throws UsageError */
function splitPair(pair: string, origin: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`${origin}: expected name=value, got ${shown(pair, "'")}`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function isRepeated({ value = '' }: OptionFlag): boolean {
  return /[=:,]/.test(value);
}

function isList({ value = '' }: OptionFlag): boolean {
  return value.includes(',');
}

const splitList = (text: string): string[] => text.split(',').map((part) => part.trim());

/** `headerFields`: one `--header-field` after the other, or all `FLUME_HEADER_FIELDS`, or one `FLUME_HEADER_FIELD`. */
function spellings(flag: OptionFlag): { readonly flag: string; readonly variable: string; readonly single?: string } {
  const words = flag.option.replaceAll('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const variable = `FLUME_${words.replaceAll('-', '_').toUpperCase()}`;
  if (!isRepeated(flag)) return { flag: words, variable };
  return { flag: words.replace(/s$/, ''), variable, single: variable.replace(/S$/, '') };
}

/** Sets what a path leads to; what the objects on its way have besides stays. */
function put(
  object: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
  origin: string,
): void {
  const before = object[key];
  if (rest.length > 0) {
    if (before === false) throw new UsageError(`${origin}: expected no ${key}: false beside it`);
    const inner = isObject(before) ? { ...before } : {};
    put(inner, rest, value, origin);
    object[key] = inner;
  } else {
    object[key] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
  }
}

function readConfig(file: string): Record<string, unknown> {
  // require() reads JSON, CommonJS and ES modules alike.
  const require = createRequire(path.join(process.cwd(), 'config'));
  let loaded: unknown;
  try {
    loaded = require(path.resolve(file));
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    throw new UsageError(`--config: cannot load ${file}: ${reason}`, { cause: error });
  }
  if (isObject(loaded) && 'default' in loaded) loaded = loaded.default;
  if (!isObject(loaded)) throw new UsageError(`--config: expected options as an object in ${file}`);
  return { ...loaded };
}

/** `channel.capacity: expected …` as `--channel-capacity: expected …`. */
function renamed(message: string, origins: ReadonlyMap<string, string>, file: string | undefined): string {
  const [, option = '', rest = ''] = /^([\w.]+)(?:\[\d+\])?(: [^]*)$/.exec(message) ?? [];
  const below = [...origins.keys()].find((name) => name.startsWith(`${option}.`));
  const origin = origins.get(option) ?? (below === undefined ? undefined : origins.get(below));
  if (origin !== undefined) return `${origin}${rest}`;
  return file === undefined ? message : `${file}: ${message}`;
}

function withDefault(help: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return help;
  const mebibyte = 2 ** 20;
  const isRound = typeof value === 'number' && value >= mebibyte && value % mebibyte === 0;
  return `${help} (default ${isRound ? `${value / mebibyte} MiB` : value})`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
