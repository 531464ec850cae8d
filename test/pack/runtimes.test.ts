// The packages as npm installed them, in Bun and in Deno: import and require() of every one, and a record by each way.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { installApplication, messageOf } from './application.ts';
import { run } from './command.ts';
import { runtimes } from './tools.ts';

const application = await installApplication();
for (const program of ['deliveries.cjs', 'packages.mjs', 'packages.cjs']) await application.copy(program);

for (const { name, file, args } of runtimes) {
  suite(name, () => {
    for (const program of ['packages.mjs', 'packages.cjs']) {
      test(program, async () => {
        const { stdout } = await run(file, [...args, program], { cwd: application.folder });
        const ways = ['client', 'agent', 'winston', 'register', 'stream', 'worker'];
        assert.deepEqual(stdout.trimEnd().split('\n').map(messageOf), ways);
      });
    }
  });
}
