// The parent's side of one client: starts the process, and asks for what it has noted.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DeliveryOptions, Report } from 'flume-thrift-client';

/** Times are milliseconds since the epoch, with fractions. */
export interface ClientNotes {
  readonly puts: readonly number[];
  readonly dials: readonly number[];
  readonly delivered: readonly { readonly at: number; readonly agent: string; readonly events: number }[];
  readonly failed: readonly {
    readonly at: number;
    readonly agent: string;
    readonly events: number;
    readonly code: string;
  }[];
  readonly report: Report;
  readonly retried: number;
  /** Bytes, and the CPU of its whole life. */
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly cpuMs: number };
}

export class ClientProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when an agent has answered it. */
  static async start(index: number, eventsPerSecond: number, options: DeliveryOptions): Promise<ClientProcess> {
    const settings = JSON.stringify({ index, eventsPerSecond, options });
    const child = fork(path.join(import.meta.dirname, 'client.mjs'), [settings], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const client = new ClientProcess(child);
    await client.#message();
    return client;
  }

  /** Delivers what it still has, and ends. */
  async end(): Promise<ClientNotes> {
    const message = this.#message();
    this.#child.send('end');
    return ((await message) as { notes: ClientNotes }).notes;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #message(): Promise<unknown> {
    const ended = new AbortController();
    const message = once(this.#child, 'message', { signal: ended.signal });
    const gone = () => ended.abort(new Error('a client ended before it had said what was asked'));
    // Not 'exit', which can be heard before the last message is.
    this.#child.once('disconnect', gone);
    try {
      return (await message)[0];
    } finally {
      this.#child.off('disconnect', gone);
    }
  }
}
