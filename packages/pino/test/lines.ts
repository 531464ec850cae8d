// A transport's events of single lines, as a test looks at them.
import type { FlumeError } from 'flume-thrift-client';
import { LineEvents } from '../src/line-events.ts';
import { type PinoFlumeInProcessOptions, resolveOptions } from '../src/options.ts';
import type { PinoConfig } from '../src/pino-config.ts';

export interface Event {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly low: boolean;
}

export class Lines {
  readonly warnings: FlumeError[] = [];
  readonly events: LineEvents;

  constructor(options: PinoFlumeInProcessOptions = {}, config: PinoConfig = {}) {
    const { record, own } = resolveOptions(options, 'in process');
    const map = typeof record.map === 'function' ? record.map : undefined;
    this.events = new LineEvents(record, own, map, (error) => this.warnings.push(error));
    this.events.configure(config);
  }

  event(line: string): Event | undefined {
    const bytes = Buffer.from(`x${line}y`);
    const event = this.events.event(bytes, 1, bytes.length - 1);
    if (event === undefined) return undefined;
    const list = event.headers as readonly string[];
    const headers = Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
    return { headers, body: Buffer.from(event.body as Buffer).toString(), low: event.low === true };
  }
}
