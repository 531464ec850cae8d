import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { leakCheck } from '../leak-check.ts';

const source = new URL('../../src/process/shutdown-signals.ts', import.meta.url);

/** Runs a program that installs the shutdown, sends it signals once it says so, and tells how it ended. */
async function end(
  body: string,
  signals: NodeJS.Signals[],
): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  const program = `import { installShutdown } from ${JSON.stringify(source.href)}; ${body}; setInterval(() => {}, 1000); console.log('up');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const left = [...signals];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    const signal = left.shift();
    if (signal !== undefined) child.kill(signal);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

describe('installShutdown', () => {
  leakCheck();

  it('closes first, then ends by the same signal', async () => {
    const close =
      "installShutdown(async () => { await new Promise((r) => setTimeout(r, 50)); console.log('closed'); })";
    const ended = await end(close, ['SIGTERM']);
    assert.deepEqual(ended, { code: null, signal: 'SIGTERM', stdout: 'up\nclosed\n', stderr: '' });
  });

  it('ends at once on a second signal, and after timeoutMs', async () => {
    const stuck = "installShutdown(() => { console.log('closing'); return new Promise(() => {}); }";
    assert.equal((await end(`${stuck})`, ['SIGINT', 'SIGINT'])).signal, 'SIGINT');
    assert.equal((await end(`${stuck}, { timeoutMs: 50 })`, ['SIGINT'])).signal, 'SIGINT');
  });

  it('says when the closing failed, and ends all the same', async () => {
    const ended = await end("installShutdown(() => { throw new Error('no'); })", ['SIGTERM']);
    assert.equal(ended.signal, 'SIGTERM');
    assert.equal(ended.stderr, 'flume: the shutdown failed: Error: no\n');
  });

  it('can be taken back', async () => {
    const ended = await end('installShutdown(() => console.log("closed"))()', ['SIGTERM']);
    assert.equal(ended.signal, 'SIGTERM');
    assert.equal(ended.stdout, 'up\n');
  });
});
