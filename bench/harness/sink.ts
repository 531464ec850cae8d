// What the measured programs send to, in a process of its own: a local sink of bench/programs, or a Java server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Command, program } from './program.ts';

export interface Sink {
  readonly port: number;
  /** Records that have come since the last time; for sinks that count. */
  arrived(): Promise<number>;
  close(): Promise<void>;
}

export type SinkKind = 'flume' | 'mute' | 'tcp' | 'loki' | 'otlp' | 'elasticsearch' | 'http';

export interface SinkSettings {
  /** Makes a Flume sink search for the records' mark, which costs it time. */
  readonly counting?: boolean;
  /** What a Flume sink answers, if not OK (0): 1 is FAILED. */
  readonly status?: number;
  /** How long after a call a Flume sink answers. */
  readonly delayMs?: number;
  /** After which a Flume sink drops each connection. */
  readonly lifeMs?: number;
}

export function startSink(kind: SinkKind, settings: SinkSettings = {}): Promise<Sink> {
  const { command, args } = program('sink', {});
  return startServer({ command, args: [...args.slice(0, 1), kind, JSON.stringify(settings)] });
}

/** Starts a server that prints its port on the first line, and ends when its stdin does. */
export async function startServer({ command, args }: Command): Promise<Sink> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<number> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${command} ${args.join(' ')}: ended early`);
    return Number(value);
  };
  const port = await answer();
  return {
    port,
    async arrived() {
      child.stdin.write('\n');
      return answer();
    },
    async close() {
      child.stdin.end();
      await exit;
    },
  };
}
