// Runs programs as children, and finds a port on which nobody listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { PinoFlumeOptions } from '../src/index.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Logs {
  readonly pino: 'pino' | 'pino9';
  readonly way: (typeof ways)[number];
  readonly count: number;
  readonly end:
    | 'by itself'
    | 'exit'
    | 'throw'
    | 'exit after flush'
    | 'stay until warned'
    | 'tell error'
    | 'tell stats'
    | 'unused';
  readonly options: PinoFlumeOptions;
  readonly settings?: object;
  readonly text?: string;
  /** Of the records. @default 'info' */
  readonly level?: string;
  readonly targetLevel?: string;
  readonly dedupe?: boolean;
  /** pino's options for its worker. */
  readonly worker?: object;
}

/** The ways to make a logger, see test/programs/logs.mjs. */
const ways = [
  'worker',
  'targets',
  'one of targets',
  'pipeline',
  'wrapper',
  'late',
  'in process',
  'multistream',
  'as a README',
  'as a README, one of targets',
  'as a README, targets',
  'as a README, pipeline',
] as const;

/** Runs test/programs/logs.mjs to its end. */
export function logs(how: Logs): Promise<Outcome> {
  return run([path.join(import.meta.dirname, 'programs/logs.mjs'), JSON.stringify(how)]);
}

/** Runs the command to its end. */
export function command(args: readonly string[], input: Readable | string = ''): Promise<Outcome> {
  return run([path.join(import.meta.dirname, '../dist/cli.cjs'), ...args], input);
}

async function run(args: readonly string[], input: Readable | string = ''): Promise<Outcome> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'pipe', timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // The child may end before it has read all.
  child.stdin.on('error', () => {});
  if (typeof input === 'string') child.stdin.end(input);
  else input.pipe(child.stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr, ms: performance.now() - start };
}

export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
