// Which records a transport takes by their level. As winston-transport judges, but that nothing vanishes where there is
// nothing to judge by: a level that the logger does not have is told of, and the record is sent.

import { levelSymbol } from './info.ts';
import type { Parent } from './parents.ts';
import { read } from './property.ts';

/** The transport, as far as it is known; all of it may change at any time. */
interface Judge {
  readonly level?: string | undefined;
  readonly levels: Levels | null | undefined;
  readonly parent: Parent | null | undefined;
}

type Levels = Readonly<Record<string, number>>;

export class LevelFilter {
  readonly #judge: Judge;
  readonly #notice: (text: string, why: string) => void;
  /** Records that were sent because a level is none of the logger's. */
  unknown = 0;

  constructor(judge: Judge, notice: (text: string, why: string) => void) {
    this.#judge = judge;
    this.#notice = notice;
  }

  wants(info: unknown): boolean {
    const { levels, level, parent } = this.#judge;
    const limit = numberOf(levels, level || parent?.level);
    const own = numberOf(levels, read(info, levelSymbol));
    // In winston a smaller number is more severe.
    if (limit !== undefined && own !== undefined) return limit >= own;
    return levels === undefined || levels === null || !(level || parent?.level) || this.#wantsUnknown(levels, info);
  }

  /** Below `warn`, or what these levels have for it. */
  isLow(level: string): boolean {
    const { levels } = this.#judge;
    const own = numberOf(levels, level);
    const warn = numberOf(levels, 'warn') ?? numberOf(levels, 'warning');
    return own !== undefined && warn !== undefined && own > warn;
  }

  /** Tells of a level to judge by that the logger does not have. @returns the number of the one that holds */
  limit(): number | undefined {
    const { levels, level, parent } = this.#judge;
    if (levels === undefined || levels === null) return undefined;
    const own = numberOf(levels, level);
    if (own !== undefined) return own;
    if (level) this.#tell(levels, `level: the logger has no ${show(level)}, its own level holds`);
    const loggers = numberOf(levels, parent?.level);
    if (loggers === undefined && parent?.level) {
      this.#tell(levels, `the logger's level ${show(parent.level)} is none of its levels, all records are sent`);
    }
    return loggers;
  }

  #wantsUnknown(levels: Levels, info: unknown): boolean {
    const limit = this.limit();
    const level = read(info, levelSymbol);
    const own = numberOf(levels, level);
    if (limit !== undefined && own !== undefined && limit < own) return false;
    this.unknown += 1;
    if (own === undefined) this.#tell(levels, `a record's level ${show(level)} is none of the logger's, it is sent`);
    return true;
  }

  #tell(levels: Levels, text: string): void {
    this.#notice(text, `known are ${Object.keys(levels).join(', ')}`);
  }
}

function numberOf(levels: Levels | null | undefined, level: unknown): number | undefined {
  if (typeof level !== 'string') return undefined;
  const number: unknown = levels?.[level];
  // 'constructor' is none.
  return typeof number === 'number' ? number : undefined;
}

/** A name, or what stands where one should. */
function show(level: unknown): string {
  return typeof level === 'string' ? `'${level.slice(0, 40)}'` : `(${typeof level})`;
}
