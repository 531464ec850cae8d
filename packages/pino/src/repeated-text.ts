// The text of a field that is the same in line after line, such as the logger's name: seeing that its bytes are those of the
// last time costs a tenth of reading them.

import { contents } from './field-scanner.ts';

export class RepeatedText {
  #bytes: Buffer = Buffer.alloc(0);
  #text: string | undefined;

  /** The content of the JSON value from `start` up to `end`, see contents(). */
  read(bytes: Buffer, start: number, end: number): string | undefined {
    if (!this.#isSame(bytes, start, end)) {
      this.#bytes = Buffer.from(bytes.subarray(start, end));
      this.#text = contents(bytes, start, end)?.toString();
    }
    return this.#text;
  }

  #isSame(bytes: Buffer, start: number, end: number): boolean {
    const { length } = this.#bytes;
    if (length !== end - start) return false;
    for (let index = 0; index < length; index++) if (bytes[start + index] !== this.#bytes[index]) return false;
    return true;
  }
}
