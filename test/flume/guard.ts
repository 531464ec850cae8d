// Ends what a test began, also where the test can no longer do so.
import { type ChildProcess, spawn } from 'node:child_process';
import type net from 'node:net';

/**
 * A shell that outlives this process, however that ends (even by SIGKILL): when its input closes, it kills the process whose
 * number is in the file `pid` of the folder, and removes the folder. In a process group of its own, since Ctrl-C goes to the
 * whole group of the terminal.
 */
export function guard(directory: string): ChildProcess {
  const script = 'cat >/dev/null; test -f "$1/pid" && kill -9 "$(cat "$1/pid")"; rm -rf "$1"';
  const child = spawn('sh', ['-c', script, 'sh', directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  (child.stdin as net.Socket).unref();
  return child;
}
