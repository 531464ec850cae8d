// What arrives at Flume's side of a program that logs as a README says: a process of its own, and a source that listens on a
// socket.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { startDevAgent } from 'flume-dev-agent';

export interface Arrival {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Runs test/loggers/programs/NAME to its end, with the source's address in FLUME_AGENT.
 *
 * @param input what it reads on stdin
 * @throws AssertionError where it fails, or writes on stderr what `stderr` does not match
 */
export async function arrivals(
  name: string,
  {
    args = [],
    input = '',
    stderr = /^$/,
  }: { readonly args?: readonly string[]; readonly input?: string; readonly stderr?: RegExp } = {},
): Promise<readonly Arrival[]> {
  await using source = await startDevAgent({ port: 0 });
  const file = path.join(import.meta.dirname, 'programs', name);
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, FLUME_AGENT: `127.0.0.1:${source.port}`, NODE_NO_WARNINGS: undefined },
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: 60_000,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  assert.equal(status, 0, said);
  assert.match(said, stderr);
  return source.events.map(({ headers, body }) => ({ headers, body: body.toString() }));
}

/** The only one. */
export function only(events: readonly Arrival[]): Arrival {
  assert.equal(events.length, 1, JSON.stringify(events, undefined, 1));
  return events[0] as Arrival;
}

/** A body that is a JSON object. */
export const fields = ({ body }: Arrival): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;
