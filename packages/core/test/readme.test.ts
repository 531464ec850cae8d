// The README: its examples run, and its tables have every option, code and count.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startDevAgent } from '../../dev-agent/src/index.ts';
import { EmbeddedAgent, FlumeError, type FlumeErrorCode } from '../src/index.ts';
import type { ResolvedChannel } from '../src/options/channel-options.ts';
import { resolveClient } from '../src/options/client-options.ts';
import { resolveDelivery } from '../src/options/delivery-options.ts';
import { leakCheck } from './leak-check.ts';

type SpillableChannel = Extract<ResolvedChannel, { type: 'spillable' }>;

const root = path.join(import.meta.dirname, '..');
const readme = await readFile(path.join(root, 'README.md'), 'utf8');

const section = (title: string): string => readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
/** What the first column of a section's tables names in code. */
const named = (title: string): string[] =>
  [...section(title).matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );

/** Runs a program that finds this package by its name; what it ended with, and what it wrote on stderr. */
async function outcome(program: string): Promise<[number | null, string]> {
  const args = ['--input-type=module', '-e', `${program}\nprocess.exit();`];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'], timeout: 20_000 });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return [status, stderr];
}

describe('README', () => {
  leakCheck();

  for (const [index, [, code]] of [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].entries()) {
    it(`example ${index + 1} runs`, async () => {
      await using source = await startDevAgent({ port: 0 });
      const program = (code ?? '')
        .replaceAll(/flume-\d:4141/g, `127.0.0.1:${source.port}`)
        .replaceAll('4141', `${source.port}`);
      assert.deepEqual(await outcome(program), [0, '']);
      assert.ok(source.received > 0);
    });
  }

  it('has recipes whose options are right', async () => {
    const [, recipes = ''] = /^```ts\n([^]*?)^```$/m.exec(readme) ?? [];
    assert.match(recipes, /new EmbeddedAgent/);
    assert.deepEqual(await outcome(`import { EmbeddedAgent } from 'flume-thrift-client';\n${recipes}`), [0, '']);
  });

  it('has every option, and no other', () => {
    const { endpoint: _endpoint, ...client } = resolveClient();
    const { agents: _agents, channel, retry, ...delivery } = resolveDelivery();
    const both = resolveDelivery({ channel: { type: 'spillable', dir: 'spool' } }).channel;
    const options = [
      'agents',
      'host',
      'port',
      'path',
      'tls',
      'deadLetter',
      'compress',
      ...Object.keys(client),
      ...Object.keys(delivery),
      ...Object.keys({ ...channel, ...both }).map((name) => `channel.${name}`),
      ...Object.keys(retry).map((name) => `retry.${name}`),
    ];
    assert.deepEqual(named('Options').sort(), [...new Set(options)].sort());
  });

  it('has the defaults', () => {
    const { channel, retry, ...rest } = resolveDelivery();
    const spillable = resolveDelivery({ channel: { type: 'spillable', dir: 'spool' } }).channel as SpillableChannel;
    const { dir: _dir, ...both } = spillable;
    const defaults: Record<string, unknown> = {
      ...rest,
      ...Object.fromEntries(Object.entries({ ...both, ...channel }).map(([name, value]) => [`channel.${name}`, value])),
      ...Object.fromEntries(Object.entries(retry).map(([name, value]) => [`retry.${name}`, value])),
    };
    let checked = 0;
    for (const [, name = '', cell = ''] of section('Options').matchAll(/^\| `([\w.]+)` +\| ([^|]*?) +\|/gm)) {
      const value = defaults[name];
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
      const size = /^(\d+) MiB$/.exec(cell)?.[1];
      const told = size === undefined ? cell.replace(/: .*$/, '').replaceAll(/[`',]/g, '') : Number(size) * 2 ** 20;
      assert.equal(String(told), String(value), name);
      checked += 1;
    }
    assert.ok(checked > 20, `${checked} defaults`);
  });

  it('has every option of TLS', async () => {
    const source = await readFile(path.join(root, 'src/endpoint.ts'), 'utf8');
    const [, members = ''] = /interface TlsOptions \{([^]*?)^\}/m.exec(source) ?? [];
    const names = [...members.matchAll(/readonly (\w+)\?/g)].map(([, name]) => name);
    assert.deepEqual(new Set(named('TLS')), new Set(names));
  });

  it('has every code, and whether it is retryable', async () => {
    const source = await readFile(path.join(root, 'src/errors.ts'), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code as FlumeErrorCode);
    const rows = [...section('Errors').matchAll(/^\| `(\w+)` *\|[^|]*\| (\w+) *\| ([\w ]+?) *\|$/gm)];
    assert.deepEqual(
      rows.map(([, code]) => code),
      codes,
    );
    for (const [, code, retryable, ackUnknown = ''] of rows) {
      const error = new FlumeError(code as FlumeErrorCode, '');
      assert.equal(retryable, error.retryable ? 'yes' : 'no', code);
      if (!ackUnknown.startsWith('if ')) assert.equal(ackUnknown, error.ackUnknown ? 'yes' : 'no', code);
    }
  });

  it('has every event', async () => {
    const source = await readFile(path.join(root, 'src/embedded-agent.ts'), 'utf8');
    const [, members = ''] = /interface EmbeddedAgentEvents \{([^]*?)^\}/m.exec(source) ?? [];
    const events = [...members.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => `on('${name}', listener)`);
    assert.ok(events.length > 0, 'events in the source');
    assert.deepEqual(
      named('Delivery').filter((name) => name.startsWith('on(')),
      events,
    );
  });

  it('has every count', async () => {
    await using agent = new EmbeddedAgent();
    const stats = agent.stats();
    assert.deepEqual(named('Statistics'), Object.keys(stats));
    for (const reason of Object.keys(stats.dropped)) assert.ok(section('Statistics').includes(`\`${reason}\``), reason);
    for (const member of Object.keys(stats.agents[0] ?? {})) {
      assert.ok(section('Statistics').includes(`\`${member}\``), member);
    }
  });

  it('has every diagnostics channel, and every metric', async () => {
    const channels = await readFile(path.join(root, 'src/diagnostics.ts'), 'utf8');
    const [, members = ''] = /interface FlumeDiagnostics \{([^]*?)^\}/m.exec(channels) ?? [];
    const names = [...members.matchAll(/^ {2}'([\w:]+)':/gm)].map(([, name]) => name);
    assert.ok(names.length > 5, 'channels in the source');
    assert.deepEqual(named('Diagnostics'), names);
    const metrics = await readFile(path.join(root, 'src/opentelemetry.ts'), 'utf8');
    const instruments = [...metrics.matchAll(/'(flume\.[a-z_]+\.[a-z_]+)', /g)].map(([, name]) => name);
    assert.ok(instruments.length > 9, 'metrics in the source');
    assert.deepEqual(
      new Set(named('OpenTelemetry')),
      new Set(instruments.filter((name) => name !== 'flume.agent.name' && name !== 'flume.drop.reason')),
    );
  });
});
