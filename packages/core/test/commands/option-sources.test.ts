// Options from flags, the environment and a file; and that the flags are the options, each with its default.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type CommandOutline, helpText, readFlags, UsageError } from '../../src/commands/command-line.ts';
import { loggerFlags } from '../../src/commands/option-flags.ts';
import { configFlag, optionFlags, readOptions } from '../../src/commands/option-sources.ts';
import { channelSchema } from '../../src/options/channel-options.ts';
import { type DeliveryOptions, deliveryEntries, resolveDelivery } from '../../src/options/delivery-options.ts';
import { recordEntries, resolveLogger } from '../../src/options/record-options.ts';

const outline: CommandOutline = {
  name: 'command',
  packageName: 'none',
  intro: '',
  groups: [{ title: 'The command', flags: [configFlag] }, ...optionFlags(loggerFlags)],
  closing: '',
};

/** The options as they were put together, before they are checked. */
function read(line: string, environment: NodeJS.ProcessEnv = {}): Record<string, unknown> {
  const given = readFlags(outline, line.split(' ').filter(Boolean));
  return readOptions(loggerFlags, given, (options) => options, environment);
}

function checked(line: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const given = readFlags(outline, line.split(' ').filter(Boolean));
  return readOptions(loggerFlags, given, (options) => resolveLogger(options, 'module'), environment);
}

describe('options of a command', () => {
  it('come from flags', () => {
    const line =
      '--agent a:1 --agent b:2 --no-framed --tls-ca ca.pem --no-tls-reject-unauthorized --header app=checkout ' +
      '--header q=a=b,c --header-field id=req.id --linger-ms 0 --retry-max-attempts 3 --channel-dir spool --event-id ' +
      '--redact password,*.token --redact a --context-path ctx --context-include tenant';
    assert.deepEqual(read(line), {
      agents: ['a:1', 'b:2'],
      framed: false,
      tls: { ca: 'ca.pem', rejectUnauthorized: false },
      headers: { app: 'checkout', q: 'a=b,c' },
      headerFields: { id: 'req.id' },
      lingerMs: 0,
      retry: { maxAttempts: 3 },
      channel: { type: 'file', dir: 'spool' },
      eventId: true,
      redact: ['password', '*.token', 'a'],
      context: { path: 'ctx', include: ['tenant'] },
    });
  });

  it('come from the environment, by the same names', () => {
    const environment = {
      FLUME_AGENTS: 'a:1, b:2',
      FLUME_FRAMED: 'false',
      FLUME_TLS: '1',
      FLUME_HEADERS: 'app=checkout,q=a=b',
      FLUME_LINGER_MS: '0',
      FLUME_CHANNEL_BYTE_CAPACITY: '1000',
      FLUME_BATCH_SIZE: '',
      FLUME_HOME: '/opt/flume',
    };
    assert.deepEqual(read('', environment), {
      agents: ['a:1', 'b:2'],
      framed: false,
      tls: true,
      headers: { app: 'checkout', q: 'a=b' },
      lingerMs: 0,
      channel: { byteCapacity: 1000 },
    });
  });

  it('come from the environment by the singular of a list too', () => {
    const environment = { FLUME_AGENT: 'a:1', FLUME_HEADER: 'app=checkout', FLUME_HEADER_FIELD: 'id=req.id' };
    const { agents, headers, headerFields } = read('', environment);
    assert.deepEqual([agents, headers, headerFields], [['a:1'], { app: 'checkout' }, { id: 'req.id' }]);
    assert.deepEqual(read('', { FLUME_AGENT: 'a:1,b:2', FLUME_AGENTS: '' }).agents, ['a:1', 'b:2']);
    assert.throws(() => read('', { FLUME_AGENT: 'a:1', FLUME_AGENTS: 'b:2' }), {
      message: 'FLUME_AGENT: expected no FLUME_AGENTS beside it',
    });
    assert.throws(() => checked('', { FLUME_AGENT: 'a:0' }), { message: /^FLUME_AGENT: expected a port/ });
  });

  it('do not come from Kubernetes, which has variables for a Service of the name flume', () => {
    const injected = {
      FLUME_PORT: 'tcp://10.0.0.5:4141',
      FLUME_PORT_4141_TCP: 'tcp://10.0.0.5:4141',
      FLUME_PORT_4141_TCP_ADDR: '10.0.0.5',
      FLUME_PORT_4141_TCP_PORT: '4141',
      FLUME_PORT_4141_TCP_PROTO: 'tcp',
      FLUME_SERVICE_HOST: '10.0.0.5',
      FLUME_SERVICE_PORT: '4141',
      FLUME_SERVICE_PORT_THRIFT: '4141',
      FLUME_HOST_PORT: 'udp://10.0.0.6:53',
    };
    assert.deepEqual(read('', injected), {});
    assert.deepEqual(read('--agent a:1', injected), { agents: ['a:1'] });
    assert.deepEqual(read('', { ...injected, FLUME_HOST: 'flume' }), { host: 'flume' });
  });

  it('come from a file; the environment wins over it, and flags over both', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'flume-config-'));
    try {
      const json = path.join(folder, 'flume.json');
      const options = {
        agents: ['a:1'],
        headers: { app: 'a', stage: 'test' },
        lingerMs: 5,
        batchSize: 7,
        retry: { maxAttempts: 1, maxAgeMs: 9 },
      };
      await writeFile(json, JSON.stringify(options));
      assert.deepEqual(read(`--config ${json}`), options);
      assert.deepEqual(
        read(`--config ${json} --path /s --header app=c --retry-max-attempts 0`, {
          FLUME_HEADERS: 'app=b,zone=1',
          FLUME_LINGER_MS: '6',
          FLUME_HOST: 'elsewhere',
        }),
        {
          path: '/s',
          headers: { app: 'c', stage: 'test', zone: '1' },
          lingerMs: 6,
          batchSize: 7,
          retry: { maxAttempts: 0, maxAgeMs: 9 },
        },
      );
      const single = { FLUME_HOST: 'elsewhere', FLUME_PORT: '5', FLUME_PATH: '/s' };
      assert.deepEqual(read(`--config ${json}`, single), options, 'no part of an agent beside those of the file');
      assert.deepEqual(read(`--config ${json}`, { FLUME_AGENTS: 'b:2', ...single }).agents, ['b:2']);
      for (const [name, text] of [
        ['flume.mjs', 'export default { lingerMs: 3 };'],
        ['flume.cjs', 'module.exports = { lingerMs: 3 };'],
      ] as const) {
        await writeFile(path.join(folder, name), text);
        assert.deepEqual(read(`--config ${path.join(folder, name)}`), { lingerMs: 3 });
      }
      const wrong = path.join(folder, 'wrong.json');
      await writeFile(wrong, '{ "lingerMss": 3 }');
      assert.throws(() => checked(`--config ${wrong}`), {
        message: `${wrong}: lingerMss: unknown option, did you mean lingerMs?`,
      });
      await writeFile(path.join(folder, 'list.json'), '[]');
      assert.throws(() => read(`--config ${folder}/list.json`), {
        message: `--config: expected options as an object in ${folder}/list.json`,
      });
      await writeFile(path.join(folder, 'half.json'), '{ "lingerMs"');
      assert.throws(() => read(`--config ${folder}/half.json`), /^Error: --config: cannot load .*half\.json: /);
      assert.throws(() => read('--config no-such.json'), /^Error: --config: cannot load no-such\.json: Cannot find/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are named in complaints as they were spelt', () => {
    const table: [string, NodeJS.ProcessEnv, string][] = [
      ['--batch-size x', {}, '--batch-size: expected an integer >= 1, got "x"'],
      ['--channel-capacity -3', {}, "Option '--channel-capacity' argument is ambiguous"],
      ['--channel-capacity=-3', {}, '--channel-capacity: expected an integer >= 1, got -3'],
      ['--agent a:0', {}, '--agent: expected a port of 1 to 65535, got 0'],
      ['', { FLUME_AGENTS: 'a:1,b:0' }, 'FLUME_AGENTS: expected a port of 1 to 65535, got 0'],
      ['--tls-cert c.pem', {}, '--tls-cert: expected cert and key together, got only cert'],
      ['--no-tls --tls-ca c.pem', {}, '--tls-ca: expected no tls: false beside it'],
      ['--header app', {}, "--header: expected name=value, got 'app'"],
      ['', { FLUME_EVENT_ID: 'yes' }, "FLUME_EVENT_ID: expected true or false, got 'yes'"],
      ['--agent a:1 --path /s', {}, '--agent: expected no host, port or path beside it'],
    ];
    for (const [line, environment, message] of table) {
      assert.throws(() => checked(line, environment), new UsageError(message), line);
    }
  });

  it('are all of them, and no others', async () => {
    const source = await readFile(path.join(import.meta.dirname, '../../src/endpoint.ts'), 'utf8');
    const membersOf = (option: string, type: string): string[] => {
      const [, members = ''] = new RegExp(`interface ${type} \\{([^]*?)^\\}`, 'm').exec(source) ?? [];
      return Array.from(members.matchAll(/readonly (\w+)\?/g), ([, name]) => `${option}.${name}`);
    };
    const expected = [
      ...Object.keys(deliveryEntries),
      ...Object.keys(recordEntries),
      'map',
      ...Object.keys(recordEntries.context.wrapped.entries).map((name) => `context.${name}`),
      ...Object.keys(channelSchema.wrapped.entries).map((name) => `channel.${name}`),
      ...Object.keys(deliveryEntries.retry.wrapped.entries).map((name) => `retry.${name}`),
      ...membersOf('tls', 'TlsOptions'),
      ...membersOf('kerberos', 'KerberosOptions'),
    ]
      // No command calls flush() by itself, and what has options within has no value of its own.
      // An AsyncLocalStorage is nothing to write in a call.
      .filter((name) => !['flushTimeoutMs', 'channel', 'retry', 'context', 'context.store'].includes(name));
    assert.deepEqual(loggerFlags.flatMap(({ options }) => options.map(({ option }) => option)).sort(), expected.sort());
  });

  it('that are one of a few words have these words in the help', () => {
    let choices = 0;
    for (const { flags } of optionFlags(loggerFlags)) {
      for (const { name, value, help } of flags) {
        if (value === undefined || /[=:,]|^(n|ms|bytes)$/.test(value)) continue;
        const dir = name.startsWith('channel-fsync') ? ['--channel-dir', 'spool'] : [];
        const given = readFlags(outline, [...dir, `--${name}`, '?']);
        try {
          readOptions(loggerFlags, given, (options) => resolveLogger(options, 'module'), {});
        } catch (error) {
          const [, words = ''] = /: expected ('[^,]*), got "\?"$/.exec((error as Error).message) ?? [];
          for (const [, word = ''] of words.matchAll(/'([^']+)'/g)) {
            assert.match(help, new RegExp(`(?<![\\w-])${word}(?![\\w-])`), `--${name}`);
            choices += 1;
          }
        }
      }
    }
    assert.ok(choices > 15, `${choices} words`);
  });

  it('are read as what they are: the defaults of the help are accepted', () => {
    const help = helpText(outline);
    let tried = 0;
    for (const [, name = '', value = '', unit] of help.matchAll(
      /--([\w-]+) <[^(\n]*(?:\n[^(\n-]*)?\(default (\S+?)( MiB)?\)/g,
    )) {
      // The option kerberos needs a package that is not there without it.
      if (name === 'agent' || name.startsWith('kerberos-')) continue;
      const text = unit === undefined ? value : String(Number(value) * 2 ** 20);
      const file = /channel-(max|min|fsync)/.test(name) ? '--channel-dir spool ' : '';
      const options = read(`${file}--${name} ${text}`);
      assert.doesNotThrow(() => checked(`${file}--${name} ${text}`), name);
      const { channel, ...rest } = options as DeliveryOptions;
      assert.deepEqual(
        resolveDelivery({ ...pick(rest), ...(channel && { channel }) }),
        resolveDelivery(file === '' ? {} : { channel: { type: 'file', dir: 'spool' } }),
        name,
      );
      tried += 1;
    }
    assert.ok(tried > 20, `${tried} defaults`);
  });
});

/** Without the options of records, which an agent has not. */
function pick({ preset: _preset, body: _body, ...rest }: Record<string, unknown>): DeliveryOptions {
  return rest;
}
