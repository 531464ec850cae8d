// How long events take from put() until an agent has them: those of some clients, kept in virtual milliseconds.

export class Delays {
  readonly #began = new Map<number, number>();
  readonly #taken: number[] = [];

  began(id: number, at: number): void {
    this.#began.set(id, at);
  }

  ended(id: number, at: number): void {
    const from = this.#began.get(id);
    if (from === undefined) return;
    this.#began.delete(id);
    this.#taken.push(at - from);
  }

  get taken(): readonly number[] {
    return this.#taken;
  }
}

/** @returns 0 of nothing */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
