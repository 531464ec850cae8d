// The core's pages: their tables have every option, code, count, channel and metric. Their examples run in test/docs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { EmbeddedAgent, FlumeError, type FlumeErrorCode } from '../src/index.ts';
import { resolveClient } from '../src/options/client-options.ts';
import { resolveDelivery } from '../src/options/delivery-options.ts';
import { leakCheck } from './leak-check.ts';

const root = path.join(import.meta.dirname, '..');
const page = (name: string): Promise<string> => readFile(path.join(root, '../../docs', `${name}.md`), 'utf8');
const pages = { client: await page('client'), diagnostics: await page('diagnostics'), options: await page('options') };

type Page = keyof typeof pages;
const section = (from: Page, title: string): string => pages[from].split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
/** What the first column of a section's tables names in code. */
const named = (from: Page, title: string): string[] =>
  [...section(from, title).matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );

describe('pages of the core', () => {
  leakCheck();

  it('have every option that there is a default for', () => {
    const { endpoint: _endpoint, ...client } = resolveClient();
    const { agents: _agents, channel: _channel, retry, ...delivery } = resolveDelivery();
    const { channel } = resolveDelivery({ channel: { type: 'spillable', dir: 'spool' } });
    const options = [
      ...Object.keys({ ...client, ...delivery }),
      ...Object.keys(channel).map((name) => `channel.${name}`),
      ...Object.keys(retry).map((name) => `retry.${name}`),
    ];
    const told = new Set([...pages.options.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name));
    assert.deepEqual(
      options.filter((name) => !told.has(name)),
      [],
    );
  });

  it('have every code, and whether it is retryable', async () => {
    const source = await readFile(path.join(root, 'src/errors.ts'), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code as FlumeErrorCode);
    const rows = [...section('diagnostics', 'Errors').matchAll(/^\| `(\w+)` *\|[^|]*\| (\w+) *\| ([\w ]+?) *\|$/gm)];
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

  it('have every event', async () => {
    const source = await readFile(path.join(root, 'src/observe/reports.ts'), 'utf8');
    const [, members = ''] = /interface EmbeddedAgentEvents \{([^]*?)^\}/m.exec(source) ?? [];
    const events = [...members.matchAll(/^ {2}(\w+): \[/gm)].map(([, name]) => `on('${name}', listener)`);
    assert.ok(events.length > 0, 'events in the source');
    assert.deepEqual(
      named('client', 'EmbeddedAgent').filter((name) => name.startsWith('on(')),
      events,
    );
  });

  it('have every count', async () => {
    await using agent = new EmbeddedAgent();
    const stats = agent.stats();
    assert.deepEqual(named('diagnostics', 'Statistics'), Object.keys(stats));
    for (const reason of Object.keys(stats.dropped))
      assert.ok(section('diagnostics', 'Statistics').includes(`\`${reason}\``), reason);
    for (const member of Object.keys(stats.agents[0] ?? {})) {
      assert.ok(section('diagnostics', 'Statistics').includes(`\`${member}\``), member);
    }
  });

  it('have every diagnostics channel, and every metric', async () => {
    const channels = await readFile(path.join(root, 'src/observe/diagnostics.ts'), 'utf8');
    const [, members = ''] = /interface FlumeDiagnostics \{([^]*?)^\}/m.exec(channels) ?? [];
    const names = [...members.matchAll(/^ {2}'([\w:]+)':/gm)].map(([, name]) => name);
    assert.ok(names.length > 5, 'channels in the source');
    assert.deepEqual(named('diagnostics', 'Diagnostics channels'), names);
    const metrics = await readFile(path.join(root, 'src/opentelemetry.ts'), 'utf8');
    const instruments = [...metrics.matchAll(/'(flume\.[a-z_]+\.[a-z_]+)', /g)].map(([, name]) => name);
    assert.ok(instruments.length > 9, 'metrics in the source');
    assert.deepEqual(
      new Set(named('diagnostics', 'OpenTelemetry')),
      new Set(instruments.filter((name) => name !== 'flume.agent.name' && name !== 'flume.drop.reason')),
    );
  });
});
