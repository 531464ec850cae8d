// The seeds of a simulation, in a process of their own: SEEDS says how many of each theme, SEED=123 replays one and prints
// what happens in it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type Kind, type Outcome, simulations } from './simulate.ts';

/** How many of each theme are asked for. */
export const asked: string | undefined = process.env['SEEDS'];
/** The one to replay. */
export const only: string | undefined = process.env['SEED'];

/** @param log by default the console */
export async function replay(kind: Kind, seed: string, log: (line: string) => void = console.log): Promise<void> {
  await simulations[kind].run(Number(seed), log);
}

/**
 * Runs so many seeds of one theme of so many.
 *
 * @returns what happened in all of them together
 * @throws what the first that failed says, and how to replay it
 */
export async function runTheme(kind: Kind, seeds: number, theme = 0, themes = 1): Promise<Outcome> {
  const args = [kind, theme, themes, seeds * themes].map(String);
  const program = path.join(import.meta.dirname, 'simulate.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(complaint);
  return JSON.parse(said) as Outcome;
}
