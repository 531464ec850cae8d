// A request's question about events: filters and a page of them, as query parameters.
import type { ReceivedEvent } from '../call.ts';
import type { HeaderCondition } from '../header-filter.ts';
import { matchesHeaders } from '../header-filter.ts';
import type { Severity } from '../severity.ts';
import { severities, severityOf } from '../severity.ts';

export interface EventFilter {
  /** In the body or the value of a header, in any case of its letters; in lower case. */
  readonly text: string;
  readonly headers: readonly HeaderCondition[];
  /** Any of them; none is all. */
  readonly levels: readonly Severity[];
}

export interface EventQuery extends EventFilter {
  /** Numbers above it, oldest first. */
  readonly after: number | undefined;
  /** Numbers below it, newest first. */
  readonly before: number | undefined;
  readonly limit: number;
  /** Cuts bodies to so many characters. */
  readonly preview: number | undefined;
  /** The numbers of the events that match, and not the events. */
  readonly numbersOnly: boolean;
}

/** A request that cannot be answered; its message is for whoever made it. */
export class BadRequest extends Error {}

const mostEvents = 100_000;

/** Throws BadRequest with the parameter's name. */
export function parseQuery(parameters: URLSearchParams): EventQuery {
  const headers: HeaderCondition[] = [];
  for (const [key, value] of parameters) {
    if (key.startsWith('header.') && key.length > 7) headers.push({ name: key.slice(7), value: value || undefined });
    else if (!known.includes(key)) {
      throw new BadRequest(`${key}: no such parameter; they are header.NAME, ${known.join(', ')}`);
    }
  }
  const after = integer(parameters, 'after', Number.MAX_SAFE_INTEGER);
  const before = integer(parameters, 'before', Number.MAX_SAFE_INTEGER);
  if (after !== undefined && before !== undefined) throw new BadRequest('before: expected no after beside it');
  return {
    text: (parameters.get('text') ?? '').toLowerCase(),
    headers,
    levels: parameters.getAll('level').map(parseLevel),
    after,
    before,
    limit: integer(parameters, 'limit', mostEvents) ?? 100,
    preview: integer(parameters, 'preview', Number.MAX_SAFE_INTEGER),
    numbersOnly: parameters.get('only') === 'numbers',
  };
}

const known = ['after', 'before', 'limit', 'text', 'level', 'preview', 'only'];

/** Of several levels, and of several values of one header, one must be there. */
export function matches(event: ReceivedEvent, { text, headers, levels }: EventFilter): boolean {
  if (levels.length > 0) {
    const severity = severityOf(event.headers);
    if (severity === undefined || !levels.includes(severity)) return false;
  }
  if (headers.length > 0 && !matchesHeaders(event, headers)) return false;
  return text === '' || hasText(event, text);
}

export const isFilter = ({ text, headers, levels }: EventFilter): boolean => {
  return text !== '' || headers.length > 0 || levels.length > 0;
};

function hasText({ headers, body }: ReceivedEvent, text: string): boolean {
  for (const name in headers) if (headers[name]?.toLowerCase().includes(text)) return true;
  return body.toString('utf8').toLowerCase().includes(text);
}

function parseLevel(text: string): Severity {
  const level = severities.find((severity) => severity === text);
  if (level !== undefined) return level;
  throw new BadRequest(`level: expected one of ${severities.join(', ')}, got '${text.slice(0, 40)}'`);
}

function integer(parameters: URLSearchParams, name: string, most: number): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (/^\d{1,16}$/.test(text) && Number(text) <= most) return Number(text);
  throw new BadRequest(`${name}: expected an integer from 0 to ${most}, got '${text.slice(0, 40)}'`);
}
