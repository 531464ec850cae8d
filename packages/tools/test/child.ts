// Runs a built command as a child.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const command = path.join(import.meta.dirname, '../dist/flume-send.cjs');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly outcome: Promise<Outcome>;
}

/** @param nodeArguments for Node itself */
export function start(args: readonly string[], nodeArguments: readonly string[] = []): Running {
  return startProgram(process.execPath, [...nodeArguments, command, ...args]);
}

export function startProgram(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: 'pipe', timeout: 120_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // The child may end before it has read all.
  child.stdin.on('error', () => {});
  const outcome = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, stderr: () => stderr, outcome };
}

export function run(args: readonly string[], input = ''): Promise<Outcome> {
  const { child, outcome } = start(args);
  child.stdin?.end(input);
  return outcome;
}
