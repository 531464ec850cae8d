// Checks options against a schema and says what is wrong in one line: which option, what was expected, what came.

import { closest, distance } from 'fastest-levenshtein';
import * as v from 'valibot';
import { FlumeError } from '../errors.ts';
import { hasControls, wrongHeaderName } from '../event/header-text.ts';
import { wrongTimestamp } from '../event/timestamp.ts';
import { isKeyText, kindOf, shown, shownText } from '../shown-value.ts';
import { counterpartOf, counterpartText } from './foreign-names.ts';

type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/**
 * Checks and completes options.
 *
 * @returns the schema's output: every default filled in
 * @throws FlumeError `ERR_FLUME_OPTION`, for example `channel.capacity: expected an integer >= 1, got 0`
 */
export function checkOptions<const Schema extends ObjectSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  if (input !== undefined && (typeof input !== 'object' || input === null || Array.isArray(input))) {
    throw new FlumeError('ERR_FLUME_OPTION', `options: expected an object, got ${shown(input)}`);
  }
  const result = v.safeParse(schema, input ?? {}, { abortEarly: true });
  if (result.success) return result.output;
  throw new FlumeError('ERR_FLUME_OPTION', describe(schema, result.issues[0]));
}

/** The error for an option that a schema cannot judge alone. */
export function wrongOption(name: string, message: string): FlumeError {
  return new FlumeError('ERR_FLUME_OPTION', `${name}: ${message}`);
}

/** An integer from `min` to `max`. */
export function integer(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): v.CustomSchema<number, v.ErrorMessage<v.CustomIssue> | undefined> {
  const range = max === Number.MAX_SAFE_INTEGER ? `>= ${min}` : `from ${min} to ${max}`;
  return v.custom<number>(
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    `an integer ${range}`,
  );
}

/** A time in milliseconds. A timer of more than 2^31-1 fires at once. */
export const milliseconds = (min: number): ReturnType<typeof integer> => integer(min, 0x7fff_ffff);

/** The path of a file or folder. @param expected as `a file's path` */
export function pathOf(expected: string): v.CustomSchema<string, v.ErrorMessage<v.CustomIssue> | undefined> {
  return v.custom<string>(isPath, expected);
}

/** No key that was put in its place: it would be shown with the first error. */
export function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 4_096 && !hasControls(value) && !isKeyText(value);
}

/** One of a few words. */
export function oneOf<const Word extends string>(
  ...words: Word[]
): v.CustomSchema<Word, v.ErrorMessage<v.CustomIssue> | undefined> {
  return v.custom<Word>((value) => words.includes(value as Word), words.map((word) => `'${word}'`).join(' or '));
}

export const trueOrFalse: v.BooleanSchema<string> = v.boolean('true or false');

/** An object of strings, such as headers. */
export const strings: v.CustomSchema<
  Readonly<Record<string, string>>,
  v.ErrorMessage<v.CustomIssue> | undefined
> = v.custom(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((entry) => typeof entry === 'string'),
  'an object whose values are strings',
);

/** Static headers: what breaks the lines of a sink is refused here, where somebody sees it. */
export const headers: v.GenericSchema<Readonly<Record<string, string>>> = v.pipe(
  strings,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [name, value] of Object.entries(dataset.value)) {
      const wrong = wrongHeaderName(name) ?? (hasControls(value) ? `control characters in '${name}'` : undefined);
      if (wrong !== undefined) addIssue({ message: `expected names and values in one line, got ${wrong}` });
      const notTime = wrongTimestamp(name, value);
      if (notTime !== undefined) addIssue({ message: `expected a time in '${name}', got a ${notTime}` });
    }
  }),
);

/** Header names, each with something. */
export const headerNames: v.GenericSchema<Readonly<Record<string, string>>> = v.pipe(
  strings,
  v.rawCheck(({ dataset, addIssue }) => {
    const wrong = dataset.typed ? Object.keys(dataset.value).map(wrongHeaderName).find(Boolean) : undefined;
    if (wrong !== undefined) addIssue({ message: `expected header names in one line, got ${wrong}` });
  }),
);

// Nothing that stands below these is shown.
const secretPlaces: ReadonlySet<string> = new Set(['tls', 'headers']);

function describe(schema: ObjectSchema, issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map((item) => item.key as string | number);
  const path = keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${shownText(key, 80)}`))
    .join('');
  if (issue.expected === 'never') return `${path}: unknown option${suggestion(schema, keys)}`;
  // A message of our own is either what was expected, or a whole sentence.
  if (issue.message.startsWith('expected ')) return `${path}: ${issue.message}`;
  const expected = issue.type === 'strict_object' ? 'an object' : issue.message;
  const got = keys.some((key) => secretPlaces.has(String(key).split('.').at(-1) ?? ''))
    ? kindOf(issue.input)
    : shown(issue.input);
  return `${path === '' ? 'options' : path}: expected ${expected}, got ${got}`;
}

function suggestion(schema: ObjectSchema, keys: readonly (string | number)[]): string {
  let known: string[] = Object.keys(schema.entries);
  let level: unknown = schema;
  for (const key of keys.slice(0, -1)) {
    level = entriesOf(level)?.[key];
    known = Object.keys(entriesOf(level) ?? {});
  }
  const wrong = String(keys.at(-1));
  if (known.length === 0) return '';
  const foreign = keys.length === 1 ? counterpartOf(wrong, known) : undefined;
  if (foreign !== undefined) return counterpartText(foreign);
  const nearest = closest(
    wrong.toLowerCase(),
    known.map((name) => name.toLowerCase()),
  );
  const name = known.find((candidate) => candidate.toLowerCase() === nearest) as string;
  if (distance(wrong.toLowerCase(), nearest) > Math.max(2, wrong.length / 3)) return ` (known: ${known.join(', ')})`;
  return `, did you mean ${[...keys.slice(0, -1), name].join('.')}?`;
}

function entriesOf(schema: unknown): Record<string, unknown> | undefined {
  const { entries, wrapped } = schema as { entries?: Record<string, unknown>; wrapped?: unknown };
  return entries ?? (wrapped === undefined ? undefined : entriesOf(wrapped));
}
