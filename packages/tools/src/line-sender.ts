// Sends the lines of one input after the other, and knows of each how far it got.

import type { EmbeddedAgent } from 'flume-thrift-client';
import type { InputLine } from './input-line.ts';
import { InputReader, type Refusal } from './input-reader.ts';
import type { SendInput } from './send-inputs.ts';

export interface InputReport {
  readonly name: string;
  /** Lines that were read, and of these, those that an agent acknowledged. */
  lines: number;
  acknowledged: number;
  /** Lines that are no events, which are not sent, and the first of them. */
  refused: number;
  firstRefusal: Refusal | undefined;
  /** It was read to its end. */
  complete: boolean;
  /** Why it could not be read. */
  error: string | undefined;
}

const longestMs = 0x7fff_ffff;

export class LineSender {
  readonly #agent: EmbeddedAgent;
  readonly #inputs: readonly SendInput[];
  readonly #line: InputLine;
  readonly #fileHeader: string | undefined;
  readonly #reports: readonly InputReport[];
  /** The report of the input that is being sent, and what was delivered before it. */
  #current: InputReport | undefined;
  #deliveredBefore = 0;
  #reader: InputReader | undefined;
  #bytesBefore = 0;
  #stopped = false;

  /** @param fileHeader the name of a header for the file's name */
  constructor(agent: EmbeddedAgent, inputs: readonly SendInput[], line: InputLine, fileHeader: string | undefined) {
    this.#agent = agent;
    this.#inputs = inputs;
    this.#line = line;
    this.#fileHeader = fileHeader;
    const nothing = { lines: 0, acknowledged: 0, refused: 0, firstRefusal: undefined };
    this.#reports = inputs.map(({ name }) => ({ name, ...nothing, complete: false, error: undefined }));
  }

  /** One for each input, in their order, up to now. */
  get reports(): readonly InputReport[] {
    if (this.#current !== undefined) {
      this.#current.acknowledged = this.#agent.stats().delivered - this.#deliveredBefore;
    }
    return this.#reports;
  }

  /** Of all inputs together. */
  get bytesRead(): number {
    return this.#bytesBefore + (this.#reader?.bytesRead ?? 0);
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
    this.#reader?.stop();
  }

  async #send(input: SendInput, report: InputReport): Promise<void> {
    this.#deliveredBefore = this.#agent.stats().delivered;
    this.#current = report;
    this.#bytesBefore = this.bytesRead;
    const reader = new InputReader(input, this.#line, this.#fileHeader);
    this.#reader = reader;
    try {
      for await (const events of reader.events()) {
        for (const event of events) {
          report.lines += 1;
          await this.#agent.offer(event);
        }
        report.refused = reader.refused;
        report.firstRefusal = reader.firstRefusal;
      }
      report.complete = !this.#stopped;
    } catch (thrown) {
      if (!this.#stopped) report.error = (thrown as Error).message;
    }
    // The agent's close() ends this at the latest.
    await this.#agent.flush({ timeoutMs: longestMs });
    report.acknowledged = this.#agent.stats().delivered - this.#deliveredBefore;
  }
}
