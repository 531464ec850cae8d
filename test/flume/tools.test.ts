// flume-send and flume-spool, with a real agent on the other side.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EmbeddedAgent } from 'flume-thrift-client';
import { startProgram } from '../../packages/tools/test/child.ts';
import { type FlumeAgent, startFlumeAgent } from './flume-agent.ts';

const tool = (name: string, args: readonly string[], input = '') => {
  const file = path.join(import.meta.dirname, `../../packages/tools/dist/${name}.cjs`);
  const { child, outcome } = startProgram(process.execPath, [file, ...args]);
  child.stdin?.end(input);
  return outcome;
};

describe('the tools and a real agent', () => {
  let agent: FlumeAgent;
  let folder = '';
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flume-tools-'));
    agent = await startFlumeAgent({ sink: { type: 'file_roll', serializer: 'HEADER_AND_TEXT' }, capacity: 10_000 });
  });
  after(async () => {
    await agent.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the agent wrote once a line ends so. */
  const out = async (count: number): Promise<string[]> => {
    await agent.metricsWhen(({ sink }) => (sink.EventDrainSuccessCount ?? 0) >= count);
    return agent.delivered().toString().split('\n').slice(0, -1);
  };

  it('flume-send: lines with what an HDFS path needs, then dead letters as they were', async () => {
    const target = ['--agent', `127.0.0.1:${agent.port}`, '-q'];
    assert.deepEqual(await tool('flume-send', target, 'one\ntwo\n'), { code: 0, stdout: '', stderr: '' });
    const lines = await out(2);
    for (const [index, body] of ['one', 'two'].entries()) {
      assert.match(lines[index] ?? '', new RegExp(`^\\{.*timestamp=\\d{13}.*\\} ${body}$`));
      assert.ok(lines[index]?.includes(`host=${hostname()}`), lines[index]);
    }
    const letter = `${JSON.stringify({ headers: { app: 'shop' }, body: 'given up' })}\n`;
    assert.equal((await tool('flume-send', [...target, '--input', 'simplejson'], letter)).code, 0);
    assert.equal((await out(3)).at(-1), '{app=shop} given up');
  });

  it('flume-spool replay: what a dead writer left, each event once', async () => {
    const before = (await agent.metrics()).sink.EventDrainSuccessCount ?? 0;
    // Nobody listens there, so close() leaves all of it on disk.
    const writer = new EmbeddedAgent({ agents: '127.0.0.1:1', channel: { type: 'file', dir: folder } });
    writer.on('warning', () => {});
    for (let id = 0; id < 250; id++) writer.put({ headers: { id: `${id}` }, body: `event ${id}` });
    assert.equal((await writer.close({ timeoutMs: 0 })).spooled, 250);

    const args = ['replay', folder, '--agent', `127.0.0.1:${agent.port}`];
    const { code, stderr } = await tool('flume-spool', args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /250 events delivered, 0 events given up\n$/);
    const replayed = (await out(before + 250)).slice(before);
    assert.deepEqual(
      replayed,
      Array.from({ length: 250 }, (_, id) => `{id=${id}} event ${id}`),
    );
    assert.deepEqual(readdirSync(folder), []);
  });
});
