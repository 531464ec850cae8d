// The README: its tables have every option, code and count. Its examples run in test/docs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
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

describe('README', () => {
  leakCheck();

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
      'kerberos',
      'deadLetter',
      'compress',
      'batchSize',
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
    const channels = await readFile(path.join(root, 'src/observe/diagnostics.ts'), 'utf8');
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
