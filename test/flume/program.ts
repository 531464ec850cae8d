// Runs a program that logs, and tells what it logged, by the witness that it writes beside Flume.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogRecord } from './records.ts';

const programs = {
  winston: new URL('./programs/winston.mjs', import.meta.url),
  pino: new URL('./programs/pino.mjs', import.meta.url),
};

export interface Logged {
  /** The lines that the logger wrote, in order. */
  readonly lines: readonly string[];
  readonly stdout: string;
}

/**
 * Runs the program to its end, which must be a good one: status 0, and nothing on stderr.
 *
 * @param options of the logger's package
 */
export async function runProgram(
  logger: keyof typeof programs,
  options: object,
  records: readonly LogRecord[],
): Promise<Logged> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flume-program-'));
  try {
    const settings = path.join(folder, 'settings.json');
    const witness = path.join(folder, 'witness');
    writeFileSync(settings, JSON.stringify({ options, records, witness }));
    const child = spawn(process.execPath, [fileURLToPath(programs[logger]), settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    const written = readFileSync(witness, 'utf8');
    assert.ok(written.endsWith('\n'));
    return { lines: written.slice(0, -1).split('\n'), stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
