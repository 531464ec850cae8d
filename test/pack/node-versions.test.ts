// import and require() of every package and subpath in every version of Node that they are for, and their commands.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { installApplication, messageOf } from './application.ts';
import { nodes } from './tools.ts';

const ways = ['client', 'agent', 'winston', 'register', 'stream', 'worker'];
const application = await installApplication();
for (const program of ['deliveries.cjs', 'packages.mjs', 'packages.cjs']) await application.copy(program);

for (const { major, file: node } of nodes) {
  suite(`Node ${major}`, () => {
    for (const [way, program] of [
      ['import', 'packages.mjs'],
      ['require()', 'packages.cjs'],
    ] as const) {
      test(`${way} of every package, and a record by each`, async () => {
        const { stdout, stderr } = await application.node([program], { node });
        assert.deepEqual(stdout.trimEnd().split('\n').map(messageOf), ways);
        assert.equal(stderr, '');
      });
    }

    test('every command tells how it is used', async () => {
      for (const name of ['flume-thrift-client', 'flume-dev-agent', 'pino-flume', 'flume-tools']) {
        const { bin = {} } = JSON.parse(await application.read(`node_modules/${name}/package.json`)) as {
          bin?: Record<string, string>;
        };
        for (const command of Object.keys(bin)) {
          const { stdout } = await application.node([`node_modules/.bin/${command}`, '--help'], { node });
          assert.match(stdout, new RegExp(`^.*\\b${command}\\b`));
        }
      }
    });
  });
}
