// Lines for a terminal, made of an event by a template: '#{number} {time} {level} {headers} {body}'.
import { isUtf8 } from 'node:buffer';
import type { ReceivedEvent } from './call.ts';
import type { Severity } from './severity.ts';
import { severityOf } from './severity.ts';

/** An event as it is printed. */
export interface Printed {
  readonly event: ReceivedEvent;
  /** From 1. */
  readonly number: number;
  /** When it came: milliseconds since 1970. */
  readonly atMs: number;
}

export interface LineOptions {
  readonly colours: boolean;
  /** Bodies that are JSON on several lines, with the lines of their texts. */
  readonly wrap: boolean;
}

export const defaultTemplate = '#{number} {time} {level} {headers} {body}';

export const templateFields = ['number', 'date', 'time', 'level', 'headers', 'header.NAME', 'body'];

/** Throws an Error that says which field is none. The line has no newline at its end. */
export function compileTemplate(template: string, { colours, wrap }: LineOptions): (printed: Printed) => string {
  const paint = colours ? painted : plain;
  const pieces = template.split(/\{([^{}]*)\}/).map((text, index): ((printed: Printed) => string) => {
    if (index % 2 === 0) return () => text;
    const [, header] = /^header\.(.+)$/s.exec(text) ?? [];
    if (header !== undefined) return ({ event }) => printable(own(event, header));
    switch (text) {
      case 'number':
        return ({ number }) => paint.dim(String(number));
      case 'date':
        return ({ atMs }) => paint.dim(dateOf(atMs));
      case 'time':
        return ({ atMs }) => paint.dim(timeOf(atMs));
      case 'level':
        return ({ event }) => levelOf(severityOf(event.headers), paint);
      case 'headers':
        return ({ event }) => headersOf(event, paint);
      case 'body':
        return ({ event }) => bodyOf(event.body, paint, wrap);
      default:
        throw new Error(`no field {${text}}; they are ${templateFields.map((name) => `{${name}}`).join(', ')}`);
    }
  });
  return (printed) => pieces.map((piece) => piece(printed)).join('');
}

type Paint = (text: string) => string;

const colour =
  (on: number | string, off: number | string): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;

const same: Paint = (text) => text;

const painted = {
  dim: colour(2, 22),
  name: colour(36, 39),
  trace: colour(2, 22),
  debug: colour(34, 39),
  info: colour(32, 39),
  warn: colour(33, 39),
  error: colour(31, 39),
  // White on red.
  fatal: colour('97;41', '39;49'),
};

const plain: typeof painted = {
  dim: same,
  name: same,
  trace: same,
  debug: same,
  info: same,
  warn: same,
  error: same,
  fatal: same,
};

const two = (value: number): string => String(value).padStart(2, '0');

/** As the clock of this machine shows. */
function timeOf(atMs: number): string {
  const at = new Date(atMs);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function dateOf(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Five columns. */
function levelOf(severity: Severity | undefined, paint: typeof painted): string {
  if (severity === undefined) return paint.dim('-    ');
  return paint[severity](severity.toUpperCase()) + ' '.repeat(5 - severity.length);
}

function own({ headers }: ReceivedEvent, name: string): string {
  return Object.hasOwn(headers, name) ? (headers[name] ?? '') : '';
}

function headersOf({ headers }: ReceivedEvent, paint: typeof painted): string {
  const severity = severityOf(headers);
  const pairs = Object.entries(headers).map(([name, value]) => {
    const isLevel = name === 'level' && severity !== undefined;
    return `${paint.name(printable(name))}=${isLevel ? paint[severity](printable(value)) : printable(value)}`;
  });
  return `${paint.dim('{')}${pairs.join(' ')}${paint.dim('}')}`;
}

const hexPreviewBytes = 32;

function bodyOf(body: Buffer, paint: typeof painted, wrap: boolean): string {
  // Valid UTF-8 with a zero in it is no text yet.
  if (isUtf8(body) && !body.includes(0)) {
    const text = body.toString();
    return (wrap ? wrapped(text) : undefined) ?? printable(text);
  }
  const preview = body.toString('hex', 0, hexPreviewBytes).replace(/..(?=.)/g, '$& ');
  return `${paint.dim(`${body.length} bytes:`)} ${preview}${body.length > hexPreviewBytes ? ' …' : ''}`;
}

/** undefined where it is no object or list. */
function wrapped(text: string): string | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const lines = JSON.stringify(value, undefined, 2)
    // The lines of stacks; a backslash before n may itself be escaped.
    .replace(/(\\\\)|\\n/g, (_escape, backslash?: string) => backslash ?? '\n      ')
    .split('\n');
  return lines.map((line) => `\n  ${printable(line)}`).join('');
}

// Characters that move a terminal's cursor or hide text: controls but for the tab, line and paragraph separators, and what
// turns the direction of writing.
const control = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Escapes what a terminal would obey: an event must not be able to clear the screen. */
function printable(text: string): string {
  return text.replace(control, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
