// publint and arethetypeswrong on each tarball: no finding, in any module mode.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { run } from './command.ts';
import { packAll } from './tarballs.ts';
import { toolFile } from './tools.ts';

for (const { name, file, contents } of await packAll()) {
  test(`${name}: publint`, async () => {
    const { stdout } = await run(process.execPath, [toolFile('publint'), 'run', '--strict', file], { cwd: tmpdir() });
    assert.match(stdout, /All good!/);
  });

  test(`${name}: arethetypeswrong`, async () => {
    const args = [toolFile('@arethetypeswrong/cli', 'attw'), file, '--profile', 'strict', '--format', 'json'];
    const { stdout } = await run(process.execPath, args, { cwd: tmpdir() });
    const { problems } = JSON.parse(stdout) as { problems?: object };
    // None are looked for where there are no types, as in a package of commands alone.
    assert.deepEqual(problems, contents.some((one) => one.endsWith('.d.cts')) ? {} : undefined);
  });
}
