// What pino() tells its stream about itself, and what follows from it for levels.

export interface PinoConfig {
  readonly levels?: {
    /** Number → name, the custom ones included. */
    readonly labels: Readonly<Record<string, string>>;
    readonly values: Readonly<Record<string, number>>;
  };
  /** Default: `msg`. */
  readonly messageKey?: string;
}

export class Levels {
  readonly #names = new Map<number, string>();
  readonly #values: ReadonlyMap<string, number>;
  readonly #warn: number;

  constructor(levels: PinoConfig['levels'] = standardLevels) {
    for (const [number, name] of Object.entries(levels.labels)) this.#names.set(Number(number), name);
    this.#values = new Map(Object.entries(levels.values));
    this.#warn = this.#values.get('warn') ?? standardLevels.values.warn;
  }

  /** pino's name for the number; a number that it does not know, as text. */
  name(level: number): string {
    return this.#names.get(level) ?? String(level);
  }

  /** Below warn. A name that pino does not know is not. */
  isLow(level: number | string): boolean {
    const value = typeof level === 'number' ? level : this.#values.get(level);
    return value !== undefined && value < this.#warn;
  }
}

const values = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
const standardLevels = {
  values,
  labels: Object.fromEntries(Object.entries(values).map(([name, level]) => [level, name])),
};
