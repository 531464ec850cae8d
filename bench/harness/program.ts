// Runs a measured program in a process of its own, and reads the numbers that it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Numbers } from './comparison.ts';

// The longest takes 10 s on a machine that does nothing else.
const timeoutMs = 120_000;

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** A program of bench/programs, with its settings. */
export function program(name: string, settings: object, flags: readonly string[] = []): Command {
  const file = path.join(import.meta.dirname, '../programs', `${name}.mjs`);
  return { command: process.execPath, args: [...flags, file, JSON.stringify(settings)] };
}

/** Runs it to its end; the last line of its stdout is a JSON object of numbers. */
export async function numbersOf(command: Command): Promise<Numbers> {
  return (await printedBy(command)) as Numbers;
}

/** The same for a program that makes several runs: a list of such objects. */
export async function runsOf(command: Command): Promise<readonly Numbers[]> {
  return (await printedBy(command)) as readonly Numbers[];
}

async function printedBy({ command, args }: Command): Promise<unknown> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const line = stdout
    .trimEnd()
    .split('\n')
    .findLast((text) => /^[{[]/.test(text));
  if (code !== 0 || line === undefined) {
    throw new Error(`${command} ${args.join(' ')}: ended with ${code ?? signal}\n${stderr.slice(-2_000)}`);
  }
  return JSON.parse(line);
}
