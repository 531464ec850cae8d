// What a program finds on Windows, made to be so here: no users and modes, no Unix sockets in folders, no descriptors of
// folders. What is tested here on Linux alone must not depend on them without a branch.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';

const programs = path.join(import.meta.dirname, 'programs');
const env = { ...process.env, TEMP: tmpdir() };
const run = (program: string, settings: object): Promise<{ stdout: string; stderr: string }> => {
  const args = [
    '--require',
    path.join(programs, 'windows.cjs'),
    path.join(programs, program),
    JSON.stringify(settings),
  ];
  return promisify(execFile)(process.execPath, args, { env });
};

describe('a platform that looks like Windows', { timeout: 120_000 }, () => {
  for (const type of ['file', 'spillable']) {
    it(`${type}: what one process left, the next delivers`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'flume-platform-'));
      try {
        const channel = { type, dir: path.join(folder, 'spool'), minFreeBytes: 0 };
        const settings = { count: 100, channel, deadLetter: path.join(folder, 'dead.json') };
        const { platform, spooled, arrived, warnings } = JSON.parse((await run('spool-restart.mjs', settings)).stdout);
        assert.deepEqual({ platform, spooled, arrived }, { platform: 'win32', spooled: 100, arrived: 100 });
        // That nobody listened at first, and nothing else.
        assert.deepEqual(
          warnings.map((warning: string) => warning.split(' ')[0]),
          ['ERR_FLUME_CONNECT'],
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  for (const way of ['agent', 'winston', 'pino']) {
    it(`${way}: a process that ends by itself, and one that exits`, async () => {
      for (const end of ['beforeExit listener', 'exit listener alone']) {
        await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
        const options = { agents: `127.0.0.1:${source.port}` };
        const { stderr } = await run('end.mjs', { way, end, count: 100, options });
        assert.equal(stderr, '');
        assert.equal(new Set(source.events.map(({ body }) => String(body))).size, 100);
      }
    });
  }
});
