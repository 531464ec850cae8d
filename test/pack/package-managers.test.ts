// pnpm and Yarn Plug'n'Play, where a package finds only what it asks for: above all pino's worker, which finds pino-flume
// by its name.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { installApplication, newest, received } from './application.ts';
import { toolFile } from './tools.ts';

const programs = ['loggers.mjs', 'loggers.cjs'];
const messages = ['register', 'stream', 'winston', 'worker'];

test('pnpm', async () => {
  const application = await installApplication(newest, 'pnpm');
  for (const program of ['deliveries.cjs', ...programs]) await application.copy(program);
  assert.ok(!existsSync(application.path('node_modules/thrift')));
  for (const program of programs) {
    assert.deepEqual(await received((port) => application.node([program, port])), messages, program);
  }
});

test("Yarn Plug'n'Play", async () => {
  const application = await installApplication(newest, 'yarn');
  for (const program of ['deliveries.cjs', ...programs]) await application.copy(program);
  assert.ok(!existsSync(application.path('node_modules')));
  const yarn = toolFile('@yarnpkg/cli-dist', 'yarn');
  for (const program of programs) {
    const sent = await received((port) => application.node([yarn, 'node', program, port]));
    assert.deepEqual(sent, messages, program);
  }
});
