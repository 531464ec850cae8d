// A winston info object's word on itself: its level, its time, who logged it, and whether it is a last word.

import { stripVTControlCharacters } from 'node:util';
import type { RecordFacts } from 'flume-thrift-client/loggers';
import { read } from './property.ts';

export const levelSymbol: unique symbol = Symbol.for('level');

/** Properties that are looked at here, whoever has put them there. */
interface Info {
  readonly [levelSymbol]?: unknown;
  readonly level?: unknown;
  readonly timestamp?: unknown;
  readonly logger?: unknown;
  readonly label?: unknown;
  readonly context?: unknown;
  readonly exception?: unknown;
  readonly rejection?: unknown;
}

/** Never throws: a property that cannot be read counts as absent. */
export function infoFacts(info: unknown): RecordFacts & { readonly level: string } {
  try {
    return facts(info as Info);
  } catch {
    return facts(readable(info));
  }
}

/** An uncaught exception or rejection: winston ends the process three seconds after it has logged one. */
export function isLastWord(info: unknown): boolean {
  try {
    return last(info as Info);
  } catch {
    return last(readable(info));
  }
}

const keys = [levelSymbol, 'level', 'timestamp', 'logger', 'label', 'context', 'exception', 'rejection'] as const;

function readable(info: unknown): Info {
  return Object.fromEntries(keys.map((key) => [key, read(info, key)]));
}

function facts(info: Info): RecordFacts & { readonly level: string } {
  return { time: info.timestamp, level: levelOf(info), loggerName: loggerNameOf(info) };
}

function last(info: Info): boolean {
  return info.exception === true || info.rejection === true;
}

/** `info.level` may have been coloured by a format; the symbol's has not. */
function levelOf(info: Info): string {
  const level = info[levelSymbol];
  if (typeof level === 'string') return level;
  const shown = info.level;
  return typeof shown === 'string' ? stripVTControlCharacters(shown) : '';
}

/** `logger` as in a child logger's fields, `label` of winston's label format, `context` of nest-winston. */
function loggerNameOf({ logger, label, context }: Info): string | undefined {
  if (isName(logger)) return logger;
  if (isName(label)) return label;
  return isName(context) ? context : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
