// The loggers inside test runners, without a configuration: Jest, which has a require() of its own, and Vitest.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { installApplication, received } from './application.ts';
import { toolFile } from './tools.ts';

const application = await installApplication();
for (const program of ['deliveries.cjs', 'loggers.test.cjs', 'loggers.test.mjs']) await application.copy(program);

test('Jest: winston, pino in process and in a worker', async () => {
  // Its pattern of names knows no .cjs.
  await application.copy('loggers.test.cjs', 'loggers.jest.test.js');
  const messages = await received((port) => jest('loggers.jest.test.js', port));
  assert.deepEqual(messages, ['agent', 'client', 'register', 'stream', 'winston', 'worker']);
});

test('Jest: the dev agent, by the line that its README names', async () => {
  const readme = await readFile(path.join(import.meta.dirname, '../../packages/dev-agent/README.md'), 'utf8');
  const [line] = /^jest\.mock\(.*\);/m.exec(readme) ?? [];
  assert.ok(line !== undefined);
  await application.write(
    'dev-agent.jest.test.js',
    `${line}
    const { startDevAgent } = require('flume-dev-agent');
    const { deliver } = require('./deliveries.cjs');
    test('a record', async () => {
      const agent = await startDevAgent({ port: 0 });
      await deliver(require('flume-thrift-client'), agent.port, { names: ['client'] });
      expect(String(agent.events[0].body)).toBe('client');
      await agent.close();
    });`,
  );
  await jest('dev-agent.jest.test.js');
});

test('Vitest: every package', async () => {
  const messages = await received((port) =>
    application.node([toolFile('vitest'), 'run', 'loggers.test.mjs'], { env: { FLUME_PORT: port } }),
  );
  assert.deepEqual(messages, ['agent', 'client', 'register', 'stream', 'winston', 'worker']);
});

function jest(file: string, port = ''): Promise<unknown> {
  return application.node([toolFile('jest'), file], { env: { FLUME_PORT: port } });
}
