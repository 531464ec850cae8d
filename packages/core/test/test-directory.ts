// A directory for the time of a test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'flume-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
