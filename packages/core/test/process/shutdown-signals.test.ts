import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { leakCheck } from '../leak-check.ts';

const source = new URL('../../src/process/shutdown-signals.ts', import.meta.url);

/** Runs a program that installs the shutdown, sends it signals once it says so, and tells how it ended. */
async function end(
  body: string,
  signals: NodeJS.Signals[],
  command: readonly string[] = [],
): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  const program = `import { installShutdown } from ${JSON.stringify(source.href)}; ${body}; setInterval(() => {}, 1000); console.log('up');`;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program];
  const [name = '', ...args] = [...command, ...node];
  const child = spawn(name, args);
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

  const listens = "process.on('SIGTERM', () => console.log('heard')); process.on('SIGINT', () => {});";
  const closes = "installShutdown(async () => { await new Promise((r) => setTimeout(r, 50)); console.log('closed'); })";

  it('ends beside other listeners, which hear the signal once, with the status of a signal', async () => {
    const ended = await end(`${listens} ${closes}`, ['SIGTERM']);
    assert.deepEqual([ended.code, ended.signal], [128 + 15, null]);
    assert.equal(ended.stdout.match(/heard/g)?.length, 1);
    assert.match(ended.stdout, /closed/);
  });

  it('ends beside other listeners at a second signal, and after timeoutMs', async () => {
    const stuck = "installShutdown(() => { console.log('closing'); return new Promise(() => {}); }";
    assert.equal((await end(`${listens} ${stuck})`, ['SIGINT', 'SIGINT'])).code, 128 + 2);
    assert.equal((await end(`${listens} ${stuck}, { timeoutMs: 50 })`, ['SIGINT'])).code, 128 + 2);
  });

  // A process namespace of its own needs rights that not every machine gives.
  const namespace = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const canUnshare = spawnSync(namespace[0] as string, [...namespace.slice(1), 'true']).status === 0;

  it('ends process 1', { skip: !canUnshare }, async () => {
    // Its parent, unshare, hears nothing of the signal: the child sends it to itself, as the kernel does for `docker stop`.
    const sends = "setTimeout(() => process.kill(1, 'SIGTERM'), 100);";
    const ended = await end(`${closes}; ${sends} console.log(process.pid)`, [], namespace);
    assert.deepEqual([ended.code, ended.stdout], [128 + 15, '1\nup\nclosed\n']);
  });

  it('says when the closing failed with what cannot be shown', async () => {
    const ended = await end('installShutdown(() => { throw Object.create(null); })', ['SIGTERM']);
    assert.deepEqual([ended.signal, ended.stderr], ['SIGTERM', 'flume: the shutdown failed: what cannot be shown\n']);
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
