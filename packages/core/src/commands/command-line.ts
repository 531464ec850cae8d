// Commands, and all that they have in common: flags from a table, help from the same table, and one line where a call is
// wrong.

import { realpathSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import { FlumeError } from '../errors.ts';
import { type Counterpart, counterpartOf, counterpartText } from '../options/foreign-names.ts';
import { escaped, shown } from '../shown-value.ts';

export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string | undefined;
  /** The word for the value in the help, such as `ms`. A flag without one is a switch, and has a `--no-` form. */
  readonly value?: string | undefined;
  /** It may be given again and again. */
  readonly repeated?: boolean | undefined;
  /** The help shows its `--no-` form. */
  readonly negative?: boolean | undefined;
  /** One sentence without its full stop. */
  readonly help: string;
}

export interface FlagGroup {
  readonly title: string;
  readonly flags: readonly Flag[];
}

export interface CommandOutline {
  readonly name: string;
  /** The package that has the command, whose version it shows. */
  readonly packageName: string;
  /** Usage, what it does, and examples; the flags follow. */
  readonly intro: string;
  readonly groups: readonly FlagGroup[];
  /** The text after the flags: exit status, environment. */
  readonly closing: string;
  /** It takes arguments besides flags. */
  readonly takesArguments?: boolean | undefined;
}

/** The call is wrong; the message is one line for the user, as `--linger-ms: expected an integer >= 0, got 'x'`. */
export class UsageError extends Error {}

/**
 * Runs a command to its end: `--help` and `--version` are answered here, and what `main` throws becomes one line on stderr
 * and an exit status, 2 for wrong usage and wrong options, else 1.
 *
 * @param main gets the flags of the call and returns the exit status
 */
export async function runCommand(outline: CommandOutline, main: (given: GivenFlags) => Promise<number>): Promise<void> {
  try {
    const given = readFlags(outline, process.argv.slice(2));
    if (given.has('help')) process.stdout.write(`${helpText(outline)}\n`);
    else if (given.has('version')) process.stdout.write(`${versionOf(outline.packageName)}\n`);
    else process.exitCode = await main(given);
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof FlumeError && error.code === 'ERR_FLUME_OPTION');
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    note(outline.name, isUsage ? `${line} (--help shows examples)` : line);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/** Writes a line about the command itself on stderr, at once, since an exit may follow. A terminal obeys none of it. */
export function note(command: string, line: string): void {
  try {
    writeSync(2, `${command}: ${escaped(line)}\n`);
  } catch {
    // stderr is closed or full: there is nobody to tell.
  }
}

/** The flags of a call, by name. */
export class GivenFlags {
  /** Arguments that are no flags. */
  readonly rest: readonly string[];
  readonly #values: Readonly<Record<string, Given>>;

  constructor(values: Readonly<Record<string, Given>>, rest: readonly string[]) {
    this.#values = values;
    this.rest = rest;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** A switch: undefined where neither it nor its `--no-` form was given. */
  on(name: string): boolean | undefined {
    const value = this.#values[name];
    return typeof value === 'boolean' ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Of a repeated flag, in the order of the call. */
  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** @throws UsageError */
  integer(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`--${name}: expected an integer >= ${least}, got ${shown(text, "'")}`);
  }
}

type Given = string | boolean | (string | boolean)[] | undefined;

/** @throws UsageError, which suggests the nearest flag for an unknown one */
export function readFlags(outline: CommandOutline, args: readonly string[]): GivenFlags {
  const flags = allFlags(outline);
  const options = Object.fromEntries(
    flags.map(({ name, short, value, repeated }) => [
      name,
      {
        type: value === undefined ? 'boolean' : 'string',
        multiple: repeated === true,
        ...(short && { short }),
      } as const,
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: outline.takesArguments === true,
      allowNegative: true,
    });
    return new GivenFlags(values, positionals);
  } catch (error) {
    throw new UsageError(complaint(error as NodeJS.ErrnoException, flags));
  }
}

export function helpText({ intro, groups, closing }: CommandOutline): string {
  const shown = groups.map(({ title, flags }) => [title, ...flags.map(helpLine)].join('\n'));
  return [intro, ...shown, '  -h, --help, -v, --version', closing].join('\n\n');
}

const commonFlags: readonly Flag[] = [
  { name: 'help', short: 'h', help: 'shows this' },
  { name: 'version', short: 'v', help: 'shows the version' },
];

function allFlags({ groups }: CommandOutline): readonly Flag[] {
  return [...groups.flatMap(({ flags }) => flags), ...commonFlags];
}

const helpColumn = 31;

function helpLine({ name, short, value, negative, help }: Flag): string {
  const left = `  ${short === undefined ? '' : `-${short}, `}--${negative === true ? 'no-' : ''}${name}${value === undefined ? '' : ` <${value}>`}`;
  const indent = ' '.repeat(helpColumn);
  const lines = help.split('\n').join(`\n${indent}`);
  return left.length < helpColumn - 1 ? `${left.padEnd(helpColumn)}${lines}` : `${left}\n${indent}${lines}`;
}

/** Node's own messages go on with a second sentence on how to pass such a thing. */
function complaint({ code, message }: NodeJS.ErrnoException, flags: readonly Flag[]): string {
  const [sentence = ''] = message.split(/\.? ?\n|\. /);
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return sentence;
  const [, given = ''] = /'--?(?:no-)?([^']*)'/.exec(sentence) ?? [];
  const names = flags.map(({ name }) => name);
  const foreign = counterpartOf(given, optionsOf(names));
  if (foreign !== undefined) return `${sentence}${counterpartText(asFlags(foreign, names))}`;
  const nearest = closest(given, names);
  const near = given.length > 1 && distance(given, nearest) <= Math.max(2, given.length / 3);
  return near ? `${sentence}, did you mean --${nearest}?` : sentence;
}

/** `linger-ms` is the option `lingerMs`, and one that is repeated, `header`, the option `headers`. */
function optionsOf(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const option = name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
    // One that is within another, as `channel-capacity`, is suggested where that one is known.
    return [option, `${option}s`, name.split('-')[0] as string];
  });
}

function asFlags({ options, remark }: Counterpart, names: readonly string[]): Counterpart {
  const flags = options.map((option) => {
    const dashed = option.replaceAll('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `--${names.includes(dashed) ? dashed : dashed.replace(/s$/, '')}`;
  });
  return { options: flags, remark };
}

function versionOf(packageName: string): string {
  // By its real path: the command is usually a link to this file.
  const require = createRequire(realpathSync(process.argv[1] ?? '.'));
  return (require(`${packageName}/package.json`) as { version: string }).version;
}
