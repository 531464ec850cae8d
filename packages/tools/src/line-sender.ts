// Sends the lines of one input after the other, and knows of each how far it got.

import { createReadStream } from 'node:fs';
import type { EmbeddedAgent, FlumeEvent } from 'flume-thrift-client';
import { LineSplitter } from 'flume-thrift-client/loggers';
import type { SendInput } from './send-inputs.ts';

export interface InputReport {
  readonly name: string;
  /** Lines that were read, and of these, those that an agent acknowledged. */
  lines: number;
  acknowledged: number;
  /** It was read to its end. */
  complete: boolean;
  /** Why it could not be read. */
  error: string | undefined;
}

const longestMs = 0x7fff_ffff;
const carriageReturn = 0x0d;

export class LineSender {
  readonly #agent: EmbeddedAgent;
  readonly #inputs: readonly SendInput[];
  readonly #fileHeader: string | undefined;
  readonly #reports: readonly InputReport[];
  /** The report of the input that is being sent, and what was delivered before it. */
  #current: InputReport | undefined;
  #deliveredBefore = 0;
  #stream: AsyncIterable<Buffer> & { destroy(): void } = process.stdin;
  #stopped = false;
  /** Of all inputs together. */
  bytesRead = 0;

  /** @param fileHeader the name of a header for the file's name */
  constructor(agent: EmbeddedAgent, inputs: readonly SendInput[], fileHeader: string | undefined) {
    this.#agent = agent;
    this.#inputs = inputs;
    this.#fileHeader = fileHeader;
    this.#reports = inputs.map(({ name }) => ({ name, lines: 0, acknowledged: 0, complete: false, error: undefined }));
  }

  /** One for each input, in their order, up to now. */
  get reports(): readonly InputReport[] {
    if (this.#current !== undefined) {
      this.#current.acknowledged = this.#agent.stats().delivered - this.#deliveredBefore;
    }
    return this.#reports;
  }

  /** Sends all inputs, each after the one before is acknowledged or given up. Never rejects. */
  async run(): Promise<void> {
    for (const [index, input] of this.#inputs.entries()) {
      if (this.#stopped) return;
      await this.#send(input, this.#reports[index] as InputReport);
    }
  }

  /** Reads no further. */
  stop(): void {
    this.#stopped = true;
    this.#stream.destroy();
  }

  async #send({ name, file }: SendInput, report: InputReport): Promise<void> {
    this.#deliveredBefore = this.#agent.stats().delivered;
    this.#current = report;
    this.#stream = file === undefined ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
    const headers = file === undefined || this.#fileHeader === undefined ? [] : [this.#fileHeader, name];
    try {
      await this.#sendLines(headers, report);
      report.complete = !this.#stopped;
    } catch (thrown) {
      if (!this.#stopped) report.error = (thrown as Error).message;
    }
    // The agent's close() ends this at the latest.
    await this.#agent.flush({ timeoutMs: longestMs });
    report.acknowledged = this.#agent.stats().delivered - this.#deliveredBefore;
  }

  async #sendLines(headers: readonly string[], report: InputReport): Promise<void> {
    let events: FlumeEvent[] = [];
    const splitter = new LineSplitter((bytes, start, lineEnd) => {
      const end = bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
      if (end > start) events.push({ headers, body: bytes.subarray(start, end) });
    });
    const offer = async (): Promise<void> => {
      for (const event of events) {
        report.lines += 1;
        await this.#agent.offer(event);
      }
      events = [];
    };
    for await (const chunk of this.#stream) {
      splitter.push(chunk);
      await offer();
      this.bytesRead += chunk.length;
    }
    splitter.end();
    await offer();
  }
}
