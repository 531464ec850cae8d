// Runs flume-doctor, as an operator does.
import { execFile } from 'node:child_process';
import path from 'node:path';

const command = path.join(import.meta.dirname, '../../packages/tools/dist/flume-doctor.cjs');

export interface Visit {
  readonly code: number | null;
  /** What stands on the terminal. */
  readonly output: string;
}

/** @param cwd where the package kerberos is found, if it is needed */
export function doctor(args: readonly string[], cwd?: string): Promise<Visit> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], { cwd, timeout: 60_000 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr });
    });
  });
}
