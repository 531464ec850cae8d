// The oldest and newest winston and pino that the peerDependencies name, and some between: npm takes each without a
// complaint, and a record goes by every way.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installApplication, newest, received } from './application.ts';

const versions = [
  { winston: '3.8.0', pino: '9.0.0' },
  { winston: '3.11.0', pino: '9.14.0' },
  { winston: '3.13.1', pino: '10.0.0' },
  { winston: '3.17.0', pino: '10.2.0' },
  newest,
];

for (const { winston, pino } of versions) {
  test(`winston ${winston}, pino ${pino}`, async () => {
    const application = await installApplication({ winston, pino });
    for (const program of ['deliveries.cjs', 'loggers.mjs', 'loggers.cjs']) await application.copy(program);
    for (const program of ['loggers.mjs', 'loggers.cjs']) {
      const messages = await received((port) => application.node([program, port]));
      assert.deepEqual(messages, ['register', 'stream', 'winston', 'worker'], program);
    }
  });
}

test('each logger alone, without the other', async () => {
  for (const logger of ['winston', 'pino'] as const) {
    const application = await installApplication({ [logger]: newest[logger] });
    await application.write('app.cjs', `require('${logger}'); require('${logger}-flume'); console.log('loaded');`);
    assert.equal((await application.node(['app.cjs'])).stdout, 'loaded\n');
  }
});
