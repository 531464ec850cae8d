// flume-send's last words: for each input that was not wholly acknowledged how far it got, then one line for all.

import type { EmbeddedAgent } from 'flume-thrift-client';
import { countText } from './amount.ts';
import { refusalText } from './input-reader.ts';
import type { InputReport, LineSender } from './line-sender.ts';

export class SendSummary {
  readonly #agent: EmbeddedAgent;
  readonly #sender: LineSender;
  readonly #startedMs = performance.now();

  constructor(agent: EmbeddedAgent, sender: LineSender) {
    this.#agent = agent;
    this.#sender = sender;
  }

  /** Every line of every input was acknowledged. */
  get isWhole(): boolean {
    return this.#sender.reports.every((report) => isWhole(report) && report.refused === 0);
  }

  /** The events that were acknowledged, and how fast. */
  get soFar(): string {
    const { delivered } = this.#agent.stats();
    return `${countText(delivered, 'line')}, ${this.#rate(delivered)}`;
  }

  get lines(): readonly string[] {
    const { reports } = this.#sender;
    const { delivered, dropped, truncated } = this.#agent.stats();
    const lines = reports.filter((report) => !isWhole(report)).map((report) => `${report.name}: ${howFar(report)}`);
    for (const { name, refused, firstRefusal } of reports) {
      if (firstRefusal !== undefined) lines.push(`${name}: ${refusalText(refused, firstRefusal)}`);
    }
    for (const [reason, count] of Object.entries(dropped)) {
      // Events that waited when the agent was closed are told as not acknowledged.
      if (count > 0 && reason !== 'closed') lines.push(`${countText(count, 'line')} given up: ${reason}`);
    }
    if (truncated > 0) lines.push(`${countText(truncated, 'line')} cut to --max-event-bytes: see the header truncated`);
    const read = reports.reduce((sum, report) => sum + report.lines, 0);
    const what =
      delivered === read
        ? countText(read, 'line')
        : `${delivered.toLocaleString('en-US')} of ${countText(read, 'line')}`;
    const seconds = this.#seconds.toFixed(1);
    lines.push(
      `${what} of ${countText(reports.length, 'input')} acknowledged in ${seconds} s, ${this.#rate(delivered)}`,
    );
    return lines;
  }

  get #seconds(): number {
    return Math.max(0.001, (performance.now() - this.#startedMs) / 1000);
  }

  #rate(count: number): string {
    return `${countText(Math.round(count / this.#seconds), 'line')}/s`;
  }
}

function isWhole({ lines, acknowledged, complete }: InputReport): boolean {
  return complete && acknowledged === lines;
}

function howFar({ lines, acknowledged, complete, error }: InputReport): string {
  const why = error === undefined ? '' : `: ${error}`;
  if (lines === 0) return `nothing was sent${why}`;
  const far = acknowledged === 0 ? 'nothing' : acknowledged.toLocaleString('en-US');
  return `${far} of ${countText(lines, 'line')} acknowledged${complete ? '' : ', not read to its end'}${why}`;
}
