// Levels of the user's own, on every way of making a logger: pino adds options of its own to those of the transport then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import type { PinoFlumeOptions } from '../src/index.ts';
import { command, type Logs, logs } from './child.ts';

const forms: Readonly<Record<string, { settings: object; level: string }>> = {
  customLevels: { settings: { customLevels: { notice: 35 }, level: 'notice' }, level: 'notice' },
  'customLevels over one of pino': { settings: { customLevels: { informative: 30 } }, level: 'informative' },
  useOnlyCustomLevels: {
    settings: { customLevels: { alert: 60, notice: 30 }, useOnlyCustomLevels: true, level: 'notice' },
    level: 'notice',
  },
};

// Every way with one form, and each form the ways that differ in what pino tells: a process for each takes its time.
const ways: readonly Logs['way'][] = [
  'as a README',
  'in process',
  'as a README, targets',
  'as a README, one of targets',
  'as a README, pipeline',
  'worker',
  'wrapper',
  'multistream',
];
const waysOf = (pino: string, form: string): readonly Logs['way'][] => {
  if (form !== 'customLevels') return ways.slice(0, 1);
  return pino === 'pino' ? ways : ways.slice(0, 3);
};

/** The headers `level` of two records. */
async function levels(how: Partial<Logs>, more: PinoFlumeOptions = {}): Promise<(string | undefined)[]> {
  await using agent = await startDevAgent({ port: 0 });
  const options = { agents: `127.0.0.1:${agent.port}`, closeTimeoutMs: 9_000, ...more };
  const { code, stderr } = await logs({ pino: 'pino', way: 'worker', count: 2, end: 'by itself', options, ...how });
  assert.equal(code, 0, stderr);
  return agent.events.map(({ headers }) => headers.level);
}

for (const pino of ['pino', 'pino9'] as const) {
  for (const [form, { settings, level }] of Object.entries(forms)) {
    test(`${pino}, ${form}`, async () => {
      for (const way of waysOf(pino, form))
        assert.deepEqual(await levels({ pino, way, settings, level }), [level, level], way);
    });
  }

  test(`${pino}: dedupe beside a single target`, async () => {
    assert.deepEqual(await levels({ pino, way: 'as a README', dedupe: true }), ['info', 'info']);
  });

  test(`${pino}: loaded after a target that took the config, it has the levels that it is given`, async () => {
    const customLevels = { notice: 35 };
    const how = { pino, way: 'late', settings: { customLevels }, level: 'notice' } as const;
    assert.deepEqual(await levels(how, { levels: customLevels }), ['notice', 'notice']);
  });
}

test('command line: --level gives a name', async () => {
  await using agent = await startDevAgent({ port: 0 });
  const args = ['--agent', `127.0.0.1:${agent.port}`, '--level', 'notice=35', '--level', 'alert=70'];
  const { code, stderr } = await command(args, '{"level":35}\n{"level":30}\n{"level":"70"}\n{"level":36}\n');
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(
    agent.events.map(({ headers }) => headers.level),
    ['notice', 'info', 'alert', '36'],
  );
});
