// A line of an input becomes an event: with the line as its body, or the event that a line of TSimpleJSON tells of.

import type { HeaderList, PresetName } from 'flume-thrift-client/loggers';
import { RecordHeaders } from 'flume-thrift-client/loggers';

export const inputNames = ['lines', 'simplejson'] as const;
export type InputName = (typeof inputNames)[number];

/** An event as flume-send sends it, without the headers that all have. */
export interface LineEvent {
  readonly headers: HeaderList;
  readonly body: string | Uint8Array;
}

export class InputLine {
  readonly #input: InputName;
  readonly #preset: RecordHeaders;

  /**
   * @param preset its headers stand below those that a line brings
   * @param onWrongTime hears once that a line brought a time that is none, which the time of arrival stands for
   */
  constructor(input: InputName, preset: PresetName, onWrongTime: () => void) {
    this.#input = input;
    const mapped = input === 'simplejson';
    this.#preset = new RecordHeaders({ preset, headerFields: {}, mapped, onNotice: onWrongTime });
  }

  /** Headers that are the same for every event, below those of the user. */
  get fixedHeaders(): Readonly<Record<string, string>> {
    return this.#preset.fixed;
  }

  /**
   * @param more headers that the line's input gives
   * @throws Error saying why the line is no event
   */
  event(line: Uint8Array, more: HeaderList): LineEvent {
    const headers = this.#preset.list({ time: undefined, level: undefined, loggerName: undefined });
    headers.push(...more);
    if (this.#input === 'lines') return { headers, body: line };
    const { headers: own, body } = parsed(line);
    return { headers: this.#preset.mapped(headers, own), body };
  }
}

/** @throws Error */
function parsed(line: Uint8Array): { readonly headers: Record<string, string>; readonly body: string | Uint8Array } {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    throw new Error('no JSON');
  }
  if (!isObject(value)) throw new Error('no JSON object');
  const { headers = {}, body, bodyBase64 } = value;
  if (!isObject(headers)) throw new Error('headers: no object');
  const wrong = Object.keys(headers).find((name) => typeof headers[name] !== 'string');
  if (wrong !== undefined) throw new Error(`headers.${wrong}: no text`);
  // A body that is no UTF-8 stands there in both forms, and only one of them is whole.
  const whole = bodyBase64 ?? body;
  if (typeof whole !== 'string') throw new Error('body: no text');
  const own = headers as Record<string, string>;
  return { headers: own, body: bodyBase64 === undefined ? whole : Buffer.from(whole, 'base64') };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
