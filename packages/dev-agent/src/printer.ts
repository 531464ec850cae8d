// Events as text: lines to read, or lines of JSON.
import { isUtf8 } from 'node:buffer';
import type { ReceivedEvent } from './call.ts';
import type { Printed } from './line-template.ts';
import { compileTemplate, defaultTemplate } from './line-template.ts';

export const outputFormats = ['pretty', 'json', 'simplejson', 'none'] as const;

export type OutputFormat = (typeof outputFormats)[number];

export interface PrinterOptions {
  readonly colours?: boolean | undefined;
  /** Of 'pretty'. */
  readonly template?: string | undefined;
  readonly wrap?: boolean | undefined;
}

/** One line per event, or with wrapped bodies several, with its newline; nothing for 'none'. */
export type Printer = (printed: Printed) => string;

/** Throws an Error where the template has a field that is none. */
export function createPrinter(format: OutputFormat, options: PrinterOptions = {}): Printer {
  switch (format) {
    case 'pretty': {
      const { colours = false, template = defaultTemplate, wrap = false } = options;
      const print = compileTemplate(template, { colours, wrap });
      return (printed) => `${print(printed)}\n`;
    }
    case 'json':
      return ({ event }) => jsonLine(event);
    case 'simplejson':
      return ({ event }) => simpleJsonLine(event);
    case 'none':
      return () => '';
  }
}

/** A body that is no text comes as base64, under another name. */
function jsonLine({ headers, body }: ReceivedEvent): string {
  const content = isUtf8(body) ? { body: body.toString('utf8') } : { bodyBase64: body.toString('base64') };
  return `${JSON.stringify({ headers, ...content })}\n`;
}

/**
 * As TSimpleJSONProtocol of Thrift's Java library writes a ThriftFlumeEvent: the body as text, its invalid bytes as U+FFFD.
 * Where that loses something, a third member has all of it.
 */
export function simpleJsonLine({ headers, body }: ReceivedEvent): string {
  const lost = isUtf8(body) ? {} : { bodyBase64: body.toString('base64') };
  return `${JSON.stringify({ headers, body: body.toString('utf8'), ...lost })}\n`;
}
