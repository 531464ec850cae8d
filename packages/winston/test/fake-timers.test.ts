// An application's tests replace the timers; a flush is not theirs.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import { deadPort } from './flume-logger.ts';

describe('under fake timers', () => {
  for (const end of ['end', 'shutdown']) {
    it(`flush() and ${end}() go on`, async () => {
      await using source = await startDevAgent({ port: 0 });
      const env = { ...process.env, FLUME_PORT: String(source.port), DEAD_PORT: String(await deadPort()) };
      const program = path.join(import.meta.dirname, 'programs/fake-timers.mjs');
      const child = spawn(process.execPath, [program, end], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 30_000,
      });
      const exit = once(child, 'exit');
      const lines = (await text(child.stdout)).split('\n');
      assert.deepEqual(JSON.parse(lines[1] ?? 'null'), { delivered: 10, queued: 1 });
      assert.deepEqual(await exit, [0, null]);
      assert.equal(source.received, 10);
    });
  }
});
