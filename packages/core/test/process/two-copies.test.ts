import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const copies = new URL('../../src/process/process-exit.ts', import.meta.url).href;

const program = `
  const first = await import('${copies}?copy=1');
  const second = await import('${copies}?copy=2');
  first.watchExit();
  second.watchExit();
  if (first.watchExit === second.watchExit) throw new Error('one copy only');
  process.on('exit', () => {});
  setImmediate(() => console.log('the event loop turns'));
`;

test('two copies of the package in one process let its event loop turn', () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(stdout, 'the event loop turns\n', stderr);
});
