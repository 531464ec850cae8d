// Where events go that are given up: a file of TSimpleJSON lines, or a function of the user's.

import fs from 'node:fs';
import { dirname } from 'node:path';
import { FlumeError } from './errors.ts';
import type { HeaderList } from './event/flume-event.ts';
import type { DeadEvent, DeadLetterOption } from './options/dead-letter-option.ts';
import { checkWay, privateHandle } from './private-file.ts';
import { thrownText } from './shown-value.ts';
import type { DropReason } from './stats.ts';

// Of letters that wait to be written, in UTF-16 units: from the first on no more are wanted, beyond the second they are lost.
const manyPendingChars = 1024 * 1024;
const maxPendingChars = 16 * 1024 * 1024;

export interface DeadLetterListener {
  /** The first letter that could not be kept, and of a file that others could read. */
  readonly tell: (error: FlumeError) => void;
  /** No longer behind. */
  readonly caughtUp: () => void;
}

export class DeadLetter {
  readonly #option: DeadLetterOption;
  readonly #listener: DeadLetterListener;
  #told = false;
  /** Nobody else can lead the file's folder elsewhere. */
  #isWayChecked = false;
  #pendingChars = 0;
  #lines = '';
  #writing: Promise<void> | undefined;

  constructor(option: DeadLetterOption, listener: DeadLetterListener) {
    this.#option = option;
    this.#listener = listener;
  }

  /** The file is written more slowly than letters come: who can wait does. */
  get isBehind(): boolean {
    return this.#pendingChars > manyPendingChars;
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
        if (typeof option === 'function') this.#hand(option(event, reason));
        else this.#add(option, simpleJson(event));
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** A function may be async, though its type says nothing of it: nobody awaits it, so its rejection is caught here. */
  #hand(returned: unknown): void {
    if (typeof returned !== 'object' || returned === null || !('then' in returned)) return;
    Promise.resolve(returned).catch((error: unknown) => this.#failed(error));
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
    // Events that are given up together are written together.
    await Promise.resolve();
    while (this.#lines !== '') {
      const lines = this.#lines;
      this.#lines = '';
      await this.#append(file, lines).catch((error: unknown) => this.#failed(error));
      const wasBehind = this.isBehind;
      this.#pendingChars -= lines.length;
      if (wasBehind && !this.isBehind) this.#listener.caughtUp();
    }
    this.#writing = undefined;
  }

  /** To the file of that name as it is now, since somebody may rotate it. */
  async #append(file: string, lines: string): Promise<void> {
    if (!this.#isWayChecked) checkWay(fs, dirname(file));
    this.#isWayChecked = true;
    const handle = await privateHandle(file, (mode) => {
      this.#listener.tell(
        new FlumeError('FLUME_NOTICE', `deadLetter: others had rights to ${file} (mode ${mode}); it is 0600 now`),
      );
    });
    try {
      await handle.appendFile(lines);
    } finally {
      await handle.close();
    }
  }

  #failed(cause: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#listener.tell(
      new FlumeError('ERR_FLUME_DROPPED', `deadLetter: an event is lost: ${thrownText(cause)}`, { cause }),
    );
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
