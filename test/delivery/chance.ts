// Chance from a seed: the same seed gives the same numbers, on every machine.

export class Chance {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds would begin alike without the scattering.
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) ^ 0x5bd1_e995;
  }

  /** A number in [0, 1): the generator mulberry32. */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  is(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[Math.floor(this.next() * choices.length)] as Choice;
  }
}
