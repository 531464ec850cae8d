// One line on a terminal that says how far a command is. Where stderr is no terminal there is nothing.

import type { WriteStream } from 'node:tty';

export interface ProgressState {
  /** The work done until now, in words, such as `350,000 events`. */
  readonly done: string;
  /** From 0 to 1; undefined where the end is not known. */
  readonly part: number | undefined;
}

const redrawMs = 200;
const barCells = 20;

export class Progress {
  readonly #terminal: WriteStream;
  readonly #label: string;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #startedMs = performance.now();
  #shown = false;

  /** @param state asked for whenever the line is drawn */
  constructor(label: string, state: () => ProgressState, terminal: WriteStream = process.stderr) {
    this.#label = label;
    this.#terminal = terminal;
    if (terminal.isTTY !== true) return;
    this.#timer = setInterval(() => this.#draw(state()), redrawMs);
    this.#timer.unref();
  }

  /** Takes the line away, for what is said next or at the end. It comes again by itself. */
  clear(): void {
    if (this.#shown) this.#terminal.write('\r\u001b[K');
    this.#shown = false;
  }

  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #draw({ done, part }: ProgressState): void {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const words = [this.#label];
    if (part !== undefined) {
      const filled = Math.min(barCells, Math.floor(part * barCells));
      words.push(`[${'#'.repeat(filled)}${'.'.repeat(barCells - filled)}] ${Math.floor(part * 100)} %`);
    }
    words.push(done);
    if (part !== undefined && part > 0 && part < 1) words.push(`${duration((seconds / part) * (1 - part))} left`);
    // A line that wraps could not be taken away again. Some terminals say that they have 0 columns.
    const line = words.join('  ').slice(0, (this.#terminal.columns || 80) - 1);
    this.#terminal.write(`\r${line}\u001b[K`);
    this.#shown = true;
  }
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 100 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
