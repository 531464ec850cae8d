// A folder for the channels of a test, which are closed and deleted with it.

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { leakCheck } from '../leak-check.ts';
import type { SpoolingChannel } from './spooling-channel.ts';

/** That of the test that runs. */
export let dir = '';
/** Channels that are to be closed. */
export const opened: SpoolingChannel[] = [];

/** What the end of a test does: the folder is gone then. */
export async function closeAll(): Promise<void> {
  for (const channel of opened.splice(0)) await channel.close();
  fs.rmSync(dir, { recursive: true, force: true });
}

/** Bytes of all files in the folder. */
export function diskBytes(): number {
  const files = fs.readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + fs.statSync(path.join(parentPath, name)).size, 0);
}

/** Hooks for a describe(): the leak check sees what is left when the channels are closed. */
export function withFolder(): void {
  afterEach(closeAll);
  leakCheck();
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-spool-'));
  });
}
