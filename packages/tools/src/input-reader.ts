// Reads one input and makes an event of each of its lines, chunk by chunk.

import { createReadStream } from 'node:fs';
import { LineSplitter } from 'flume-thrift-client/loggers';
import { countText } from './amount.ts';
import type { InputLine, LineEvent } from './input-line.ts';
import type { SendInput } from './send-inputs.ts';

export interface Refusal {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

/** As `2 lines are no events; line 7: no JSON`. */
export function refusalText(refused: number, { line, why }: Refusal): string {
  const what = refused === 1 ? '1 line is no event' : `${countText(refused, 'line')} are no events`;
  return `${what}; line ${line}: ${why}`;
}

export class InputReader {
  readonly #line: InputLine;
  readonly #headers: readonly string[];
  readonly #stream: AsyncIterable<Buffer> & { destroy(): void };
  #stopped = false;
  #lineNumber = 0;
  /** Bytes whose events were taken. */
  bytesRead = 0;
  /** Lines that are no events, and the first of them. */
  refused = 0;
  firstRefusal: Refusal | undefined;

  /** @param fileHeader the name of a header for the file's name */
  constructor({ name, file }: SendInput, line: InputLine, fileHeader: string | undefined) {
    this.#line = line;
    this.#headers = file === undefined || fileHeader === undefined ? [] : [fileHeader, name];
    this.#stream = file === undefined ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
  }

  /** The events of one chunk after the other. Their bodies are valid until the next are asked for. Throws what reading throws. */
  async *events(): AsyncGenerator<readonly LineEvent[]> {
    let events: LineEvent[] = [];
    const splitter = new LineSplitter((bytes, start, end, skipped) => {
      this.#lineNumber += 1;
      const cut = skipped === 0 ? [] : ['truncated', String(end - start + skipped)];
      try {
        events.push(this.#line.event(bytes.subarray(start, end), [...this.#headers, ...cut]));
      } catch (error) {
        this.refused += 1;
        this.firstRefusal ??= { line: this.#lineNumber, why: (error as Error).message };
      }
    });
    for await (const chunk of this.#stream) {
      splitter.push(chunk);
      yield events;
      events = [];
      this.bytesRead += chunk.length;
      if (this.#stopped) return;
    }
    splitter.end();
    yield events;
  }

  /** Reads no further. */
  stop(): void {
    this.#stopped = true;
    this.#stream.destroy();
  }
}
