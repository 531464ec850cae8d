// Where events go that are given up: a file of TSimpleJSON lines, or a function of the user's.

import { appendFile } from 'node:fs/promises';
import { FlumeError } from './errors.ts';
import type { HeaderList } from './event/flume-event.ts';
import type { DeadEvent, DeadLetterOption } from './options/dead-letter-option.ts';
import type { DropReason } from './stats.ts';

// Of letters that wait to be written, in UTF-16 units.
const maxPendingChars = 16 * 1024 * 1024;

export class DeadLetter {
  readonly #option: DeadLetterOption;
  readonly #onError: (error: FlumeError) => void;
  #told = false;
  #pendingChars = 0;
  #lines = '';
  #writing: Promise<void> | undefined;

  /** @param onError hears of the first letter that could not be kept */
  constructor(option: DeadLetterOption, onError: (error: FlumeError) => void) {
    this.#option = option;
    this.#onError = onError;
  }

  /** Keeps events. Never throws. */
  add(
    events: readonly { readonly headers: HeaderList; readonly body: Uint8Array | string }[],
    reason: DropReason,
  ): void {
    const option = this.#option;
    for (const { headers, body } of events) {
      try {
        const event = { headers: headersOf(headers), body: Buffer.from(body as string) };
        if (typeof option === 'function') option(event, reason);
        else this.#add(option, simpleJson(event));
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** Resolves when all that was added is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #add(file: string, line: string): void {
    if (this.#pendingChars + line.length > maxPendingChars) throw new Error('the file is written too slowly');
    this.#pendingChars += line.length;
    this.#lines += line;
    this.#writing ??= this.#write(file);
  }

  async #write(file: string): Promise<void> {
    // What is given up together is written together.
    await Promise.resolve();
    while (this.#lines !== '') {
      const lines = this.#lines;
      this.#lines = '';
      // Readable for the owner alone: log records are nobody else's business.
      await appendFile(file, lines, { mode: 0o600 }).catch((error: unknown) => this.#failed(error));
      this.#pendingChars -= lines.length;
    }
    this.#writing = undefined;
  }

  #failed(cause: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#onError(new FlumeError('ERR_FLUME_DROPPED', `deadLetter: an event is lost: ${String(cause)}`, { cause }));
  }
}

/**
 * One line as Thrift's TSimpleJSON protocol writes the struct. A body that is no UTF-8 would be lost in that form, so it
 * stands beside it as `bodyBase64`.
 */
export function simpleJson({ headers, body }: DeadEvent): string {
  const text = body.toString('utf8');
  const exact = Buffer.from(text).equals(body);
  return `${JSON.stringify({ headers, body: text, ...(exact ? {} : { bodyBase64: body.toString('base64') }) })}\n`;
}

/** Headers as an object. */
export function headersOf(list: HeaderList): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let index = 0; index < list.length; index += 2) pairs.push([list[index] as string, list[index + 1] as string]);
  return Object.fromEntries(pairs);
}
