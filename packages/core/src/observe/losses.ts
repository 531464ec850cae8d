// Losses are told when what caused them is over, since a listener may do anything.

import type { DropReason } from '../stats.ts';

export interface Loss {
  readonly count: number;
  readonly reason: DropReason;
}

export class Losses {
  readonly #hear: (loss: Loss) => void;
  #untold: Loss[] = [];
  #isTelling = false;

  /** @param hear is told of every loss but those that it causes itself, of which it would hear without end */
  constructor(hear: (loss: Loss) => void) {
    this.#hear = hear;
  }

  add(count: number, reason: DropReason): void {
    if (!this.#isTelling) this.#untold.push({ count, reason });
  }

  /** To be called where whoever hears of it may do anything. */
  tell(): void {
    if (this.#untold.length === 0 || this.#isTelling) return;
    const losses = this.#untold;
    this.#isTelling = true;
    try {
      this.#untold = [];
      for (const loss of losses) this.#hear(loss);
    } finally {
      this.#isTelling = false;
    }
  }
}
