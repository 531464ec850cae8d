// A step may hold `then`; it is never a function.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { DevAgent, ScriptStep, StepName } from '../src/index.ts';
import { startDevAgent, stepNames } from '../src/index.ts';
import { expectNothingLeftOpen } from './left-open.ts';
import { encodeCall, RawClient } from './raw-client.ts';

expectNothingLeftOpen();

const hello = { headers: { a: 'hello' }, body: Buffer.from('world') };

async function scripted(
  t: TestContext,
  script: ScriptStep[] = [],
): Promise<{ agent: DevAgent; client: RawClient; call: (seqid?: number) => void }> {
  const agent = await startDevAgent({ port: 0, script });
  const client = await RawClient.connect({ port: agent.port });
  t.after(async () => {
    await client.destroy();
    await agent.close();
  });
  return { agent, client, call: (seqid = 1) => client.send(encodeCall(hello, seqid)) };
}

const okFrame = Buffer.from('0000000e82410106617070656e6405000000', 'hex');

/** For each step: the bytes that come for a call with seqid 1, how the connection ends, what is stored. */
const steps: Record<StepName, { bytes?: string | RegExp; end?: 'fin' | 'reset' | 'silent'; stored?: boolean }> = {
  ok: { bytes: okFrame.toString('hex'), stored: true },
  failed: { bytes: /^0000000e824101.*05000200$/ },
  error: { bytes: /^0000000e824101.*05000400$/ },
  unknown: { bytes: /^0000000e824101.*05000600$/ },
  'unknown-status': { bytes: /^0000000f824101.*0500c60100$/ },
  exception: { bytes: /^........826101.*1820.*150c00$/ },
  stall: { end: 'silent' },
  reset: { end: 'reset' },
  close: { end: 'fin' },
  'stall-after-commit': { end: 'silent', stored: true },
  'reset-after-commit': { end: 'reset', stored: true },
  'close-after-commit': { end: 'fin', stored: true },
  'half-frame': { bytes: okFrame.subarray(0, 9).toString('hex'), end: 'fin', stored: true },
  duplicate: { bytes: okFrame.toString('hex').repeat(2), stored: true },
  'trailing-bytes': { bytes: /^00000011824101.*05000000000000$/, stored: true },
  'missing-result': { bytes: /^0000000b82410106.{12}00$/ },
  'wrong-seqid': { bytes: /^000000128241818080800406.{12}05000000$/ },
  'wrong-method': { bytes: /^000000138241010b617070656e644261746368/ },
  'wrong-type': { bytes: /^0000000e822101.*05000000$/ },
  garbage: { bytes: 'deadbeef'.repeat(16) },
  'oversized-length': { bytes: /^7fffffff/ },
  'zero-length': { bytes: '00000000' },
  http: { bytes: /^485454502f312e3120343030/, end: 'fin' },
};

describe('script()', () => {
  it('all steps are listed', () => {
    assert.deepEqual(Object.keys(steps).sort(), [...stepNames].sort());
  });

  for (const name of stepNames) {
    const { bytes, end, stored = false } = steps[name];
    it(`step ${name}`, async (t) => {
      const { agent, client, call } = await scripted(t, [name]);
      assert.equal(agent.stepsLeft, 1);
      const answered = once(agent, 'answer');
      call();
      await answered;
      assert.equal(agent.stepsLeft, 0);
      assert.equal(agent.received, stored ? 1 : 0);
      if (end === 'silent') {
        // A second call finds nobody either.
        call();
        client.socket.end();
        assert.deepEqual(await client.closed(), { how: 'fin', bytes: Buffer.alloc(0) });
        assert.equal(agent.callsTotal, 1);
        return;
      }
      if (end === undefined) {
        // What is answered next shows where the answer before it ended.
        agent.script(['ok']);
        call();
        await once(agent, 'answer');
        client.socket.end();
      }
      const closed = await client.closed();
      assert.equal(closed.how, end ?? 'fin');
      const received = closed.bytes.toString('hex');
      const first = end === undefined ? received.slice(0, -okFrame.length * 2) : received;
      if (end === undefined) assert.equal(received.slice(first.length), okFrame.toString('hex'));
      if (bytes instanceof RegExp) assert.match(first, bytes);
      else assert.equal(first, bytes ?? '');
    });
  }

  it('a client that has sent its last byte before it is stalled is let go', async (t) => {
    const { agent, client } = await scripted(t, [{ delayMs: 20, then: 'stall' }]);
    client.socket.end(encodeCall(hello));
    assert.equal((await client.closed()).bytes.length, 0);
    assert.equal(agent.stepsLeft, 0);
  });

  it('one step per call, in order over all connections, then as Flume does', async (t) => {
    const { agent, client, call } = await scripted(t, ['failed', { repeat: 2, step: 'error' }, 'unknown']);
    const other = await RawClient.connect({ port: agent.port });
    t.after(() => other.destroy());
    const statuses: (number | undefined)[] = [];
    for (const on of [client, other, client, other, client]) {
      on.send(encodeCall(hello));
      statuses.push((await on.reply()).status);
    }
    assert.deepEqual(statuses, [1, 2, 2, 3, 0]);
    assert.equal(agent.received, 1);
    // A new script takes the place of what is left of the old.
    agent.script([{ repeat: Infinity, step: 'failed' }]);
    assert.equal(agent.stepsLeft, Infinity);
    agent.script([]);
    call();
    assert.equal((await client.reply()).status, 0);
  });

  it('objects: status, exception, raw, delay and commit', async (t) => {
    const { agent, client, call } = await scripted(t, [
      { status: 42 },
      { status: 0 },
      { exception: { type: 9, message: 'no' } },
      { raw: Buffer.from('hey') },
      { delayMs: 30 },
      { delayMs: 10, then: { delayMs: 20, then: 'failed' } },
      { commit: true, then: 'failed' },
      { commit: false, then: 'ok' },
    ]);
    call();
    assert.equal((await client.reply()).status, 42);
    assert.equal(agent.received, 0);
    call();
    assert.equal((await client.reply()).status, 0);
    assert.equal(agent.received, 1);
    call();
    assert.deepEqual((await client.reply()).error, { type: 9, message: 'no' });
    call();
    assert.equal(String(await client.bytes(3)), 'hey');
    const start = performance.now();
    call(5);
    call(6);
    assert.deepEqual([(await client.reply()).status, agent.received], [0, 2]);
    assert.ok(performance.now() - start >= 29, 'the delay');
    assert.equal((await client.reply()).status, 1);
    assert.ok(performance.now() - start >= 58, 'one call after the other');
    assert.equal(agent.received, 2);
    call();
    assert.deepEqual([(await client.reply()).status, agent.received], [1, 3]);
    call();
    assert.deepEqual([(await client.reply()).status, agent.received], [0, 3]);
  });

  it('a step that stores still meets the limits of the channel', async () => {
    await using agent = await startDevAgent({ port: 0, transactionCapacity: 1, script: ['reset-after-commit'] });
    const client = await RawClient.connect({ port: agent.port });
    client.send(encodeCall([hello, hello]));
    assert.equal((await client.reply()).status, 1);
    await client.destroy();
  });

  it('a function decides per call, at once or later', async (t) => {
    const { agent, client, call } = await scripted(t);
    agent.script(({ method, events, seqid, connection }) => {
      assert.deepEqual([method, connection, events.length], ['append', 1, 1]);
      return events[0]?.body.equals(hello.body) && seqid < 3 ? 'failed' : undefined;
    });
    for (const seqid of [1, 2, 3]) call(seqid);
    assert.deepEqual(
      [await client.reply(), await client.reply(), await client.reply()].map(({ status }) => status),
      [1, 1, 0],
    );
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    agent.script(async ({ seqid }) => {
      if (seqid === 1) await gate;
      return undefined;
    });
    call(1);
    call(2);
    await once(agent, 'call');
    assert.equal(agent.callsTotal, 4);
    open();
    assert.deepEqual([(await client.reply()).seqid, (await client.reply()).seqid], [1, 2]);
  });

  it('a function that throws, or returns no step, closes the connection and is an error of the agent', async (t) => {
    const wrong: (() => never)[] = [
      () => {
        throw new Error('my mistake');
      },
      () => 'fialed' as never,
      () => Promise.reject(new Error('my mistake')) as never,
    ];
    for (const decide of wrong) {
      const { agent, client, call } = await scripted(t);
      agent.script(decide);
      const failed = new Promise<Error>((resolve) => agent.once('error', resolve));
      call();
      assert.match((await failed).message, /my mistake|script function: unknown step 'fialed'/);
      assert.equal((await client.closed()).how, 'fin');
      assert.equal(agent.received, 0);
    }
  });

  it('a wrong script is refused with the place of the mistake', async (t) => {
    const { agent } = await scripted(t);
    const cases: [unknown, RegExp][] = [
      [['ok', 'nope'], /^script\[1\]: unknown step 'nope'; the steps are ok, failed/],
      [[{ delayMs: -1 }], /^script\[0\]\.delayMs: expected an integer from 0 to 2147483647, got -1$/],
      [[{ delayMs: 1, then: 'nope' }], /^script\[0\]\.then: unknown step 'nope'/],
      [[{ repeat: 0, step: 'ok' }], /^script\[0\]\.repeat: expected an integer >= 1, got 0$/],
      [[{ repeat: 2, step: 5 }], /^script\[0\]\.step: expected a step, got 5$/],
      [[{ exception: { message: 'no type' } }], /^script\[0\]\.exception\.type: expected an integer/],
      [[{ nope: 1 }], /^script\[0\]: expected a step, got \{ nope: 1 \}$/],
      [[{ delayMs: 1, step: 'failed' }], /^script\[0\]: no such key 'step' beside delayMs, then$/],
      ['ok', /^script: expected an array of steps or a function$/],
    ];
    for (const [script, message] of cases)
      assert.throws(() => agent.script(script as never), { name: 'TypeError', message });
  });
});
