// winston's own suite for transports, which wants mocha.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { deadPort } from './flume-logger.ts';

it('passes abstract-winston-transport', async () => {
  const mocha = path.join(path.dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin/mocha.js');
  const suite = path.join(import.meta.dirname, 'programs/abstract-suite.cjs');
  const { stdout } = await promisify(execFile)(process.execPath, [mocha, suite, '--reporter', 'json'], {
    timeout: 20_000,
    env: { ...process.env, DEAD_PORT: String(await deadPort()) },
  });
  const { stats } = JSON.parse(stdout) as { stats: { passes: number; failures: number } };
  assert.deepEqual([stats.passes, stats.failures], [4, 0]);
});
