// Events as text: a line to read, or a line of JSON.
import { isUtf8 } from 'node:buffer';
import type { ReceivedEvent } from './call.ts';

export const outputFormats = ['pretty', 'json', 'simplejson', 'none'] as const;

export type OutputFormat = (typeof outputFormats)[number];

export type Printer = (event: ReceivedEvent, number: number) => string;

/** Returns one line per event, with its newline; nothing for 'none'. */
export function createPrinter(format: OutputFormat, colours: boolean): Printer {
  switch (format) {
    case 'pretty':
      return (event, number) => printPretty(event, number, colours);
    case 'json':
      return printJson;
    case 'simplejson':
      return printSimpleJson;
    case 'none':
      return () => '';
  }
}

function printPretty({ headers, body }: ReceivedEvent, number: number, colours: boolean): string {
  const dim = (text: string): string => (colours ? `\u001b[2m${text}\u001b[22m` : text);
  const name = (text: string): string => (colours ? `\u001b[36m${text}\u001b[39m` : text);
  const pairs = Object.entries(headers).map(([key, value]) => {
    const colour = colours && key === 'level' ? levelColours.get(value.toLowerCase()) : undefined;
    const shown = colour === undefined ? printable(value) : `\u001b[${colour}m${printable(value)}\u001b[39m`;
    return `${name(printable(key))}=${shown}`;
  });
  return `${dim(`#${number}`)} ${dim('{')}${pairs.join(' ')}${dim('}')} ${printBody(body, dim)}\n`;
}

// Red and yellow.
const levelColours: ReadonlyMap<string, number> = new Map([
  ['fatal', 31],
  ['error', 31],
  ['warn', 33],
  ['warning', 33],
]);

/** A body that is no text comes as base64, under another name. */
function printJson({ headers, body }: ReceivedEvent): string {
  const content = isUtf8(body) ? { body: body.toString('utf8') } : { bodyBase64: body.toString('base64') };
  return `${JSON.stringify({ headers, ...content })}\n`;
}

/**
 * As TSimpleJSONProtocol of Thrift's Java library writes a ThriftFlumeEvent: the body as text, its invalid bytes as U+FFFD.
 * Where that loses something, a third member has all of it.
 */
function printSimpleJson({ headers, body }: ReceivedEvent): string {
  const lost = isUtf8(body) ? {} : { bodyBase64: body.toString('base64') };
  return `${JSON.stringify({ headers, body: body.toString('utf8'), ...lost })}\n`;
}

const hexPreviewBytes = 32;

function printBody(body: Buffer, dim: (text: string) => string): string {
  if (isUtf8(body) && !hasBinary(body)) return printable(body.toString('utf8'));
  const preview = body.toString('hex', 0, hexPreviewBytes).replace(/..(?=.)/g, '$& ');
  const more = body.length > hexPreviewBytes ? ' …' : '';
  return `${dim(`${body.length} bytes:`)} ${preview}${more}`;
}

// Valid UTF-8, and yet no text.
function hasBinary(body: Buffer): boolean {
  return body.includes(0);
}

// What moves a terminal's cursor or hides text: controls but for the tab, line and paragraph separators, and what
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
