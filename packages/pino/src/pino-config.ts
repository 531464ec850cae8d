// pino()'s word to its stream about itself, and what follows from it for levels.

/** Name → number, and back, the custom ones included. */
export interface PinoLevels {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
}

export interface PinoConfig {
  readonly levels?: PinoLevels;
  /** Default: `msg`. */
  readonly messageKey?: string;
  /** pino-abstract-transport is about to be told of these too. */
  readonly timeKey?: string;
  readonly levelKey?: string;
}

export class Levels {
  readonly #names = new Map<number, string>();
  /** By their names in small letters, since other layouts have large ones. */
  readonly #values = new Map<string, number>();
  readonly #warn: number;
  /** The graver, the lower: with pino's `levelComparison: 'DESC'`, and levels as syslog has them. */
  readonly #descends: boolean;

  /**
   * @param levels what pino says. @default its standard levels
   * @param own numbers by names, over these. @default none
   */
  constructor(levels: PinoLevels = standardLevels, own: Readonly<Record<string, number>> = {}) {
    for (const [number, name] of Object.entries(levels.labels)) this.#names.set(Number(number), name);
    for (const [name, number] of Object.entries(own)) this.#names.set(Number(number), name);
    for (const [name, number] of Object.entries({ ...levels.values, ...own })) {
      this.#values.set(name.toLowerCase(), Number(number));
    }
    const error = this.#values.get('error') ?? this.#values.get('err');
    this.#warn = this.#values.get('warn') ?? this.#values.get('warning') ?? standardLevels.values.warn;
    this.#descends = error !== undefined && error < this.#warn;
  }

  /** pino's name for the number; a number that it does not know, as text. */
  name(level: number): string {
    return this.#names.get(level) ?? String(level);
  }

  /** Below warn. A name that pino does not know is not. */
  isLow(level: number | string): boolean {
    const value = typeof level === 'number' ? level : this.#values.get(level.toLowerCase());
    return value !== undefined && (this.#descends ? value > this.#warn : value < this.#warn);
  }
}

const values = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
const standardLevels = {
  values,
  labels: Object.fromEntries(Object.entries(values).map(([name, level]) => [level, name])),
};
