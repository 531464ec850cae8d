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

export interface Run {
  readonly args?: readonly string[];
  /** What it reads on stdin. */
  readonly input?: string;
  /** What it, and a command behind it, may write on stderr. */
  readonly stderr?: RegExp;
  /** A command that reads what it writes on stdout, `node app.js | command`: its file and arguments. */
  readonly into?: readonly string[];
}

/**
 * Runs test/loggers/programs/NAME to its end, with the source's address in FLUME_AGENT, also for a command behind it.
 *
 * @throws AssertionError where it fails, or writes on stderr what `stderr` does not match
 */
export async function arrivals(
  name: string,
  { args = [], input = '', stderr = /^$/, into }: Run = {},
): Promise<readonly Arrival[]> {
  await using source = await startDevAgent({ port: 0 });
  const env = { ...process.env, FLUME_AGENT: `127.0.0.1:${source.port}`, NODE_NO_WARNINGS: undefined };
  const commands = [[path.join(import.meta.dirname, 'programs', name), ...args], ...(into === undefined ? [] : [into])];
  let said = '';
  const children = commands.map((command) => {
    const child = spawn(process.execPath, command, { env, stdio: 'pipe', timeout: 60_000 });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    // It may end before it has read all.
    child.stdin.on('error', () => {});
    return child;
  });
  const ends = Promise.all(children.map(async (child) => (await once(child, 'close'))[0] as number | null));
  children[0]?.stdin.end(input);
  if (children[1] === undefined) children[0]?.stdout.resume();
  else children[0]?.stdout.pipe(children[1].stdin);
  for (const status of await ends) assert.equal(status, 0, said);
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
