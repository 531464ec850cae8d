// Headers that come from a record: safe for Flume's sinks, and none that nobody asked for.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { headerValue } from '../../src/event/header-value.ts';
import { RecordHeaders } from '../../src/event/record-headers.ts';
import type { RecordMap } from '../../src/event/record-map.ts';
import { mapRecord } from '../../src/event/record-map.ts';
import { resolveLogger } from '../../src/options/record-options.ts';

const facts = { time: 1_731_234_567_890, level: 'info', loggerName: 'shop' };

function recordHeaders(options: Record<string, unknown>, notices: string[] = []): RecordHeaders {
  const { record } = resolveLogger(options, 'function');
  return new RecordHeaders({ ...record, mapped: false, onNotice: ({ message }) => notices.push(message) });
}

function pairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
}

function contextHeaders(options: Record<string, unknown>, context: unknown): Record<string, string> {
  const headers = recordHeaders({ preset: 'none', ...options });
  const list = headers.list(facts);
  headers.addContext(list, context);
  assert.equal(list.length, Object.keys(pairs(list)).length * 2, 'no name twice');
  return pairs(list);
}

describe('the presets', () => {
  it('have the headers that their users need', () => {
    const timestamp = '1731234567890';
    const table = {
      flume: { host: hostname(), timestamp, level: 'info', logger: 'shop' },
      hdfs: { host: hostname(), timestamp },
      kafka: { host: hostname(), key: hostname(), timestamp, level: 'info', logger: 'shop' },
      none: {},
    };
    for (const [preset, expected] of Object.entries(table)) {
      const headers = recordHeaders({ preset });
      assert.deepEqual({ ...headers.fixed, ...pairs(headers.list(facts)) }, expected, preset);
    }
  });

  it('give way to the fields of the record', () => {
    const headers = recordHeaders({ preset: 'kafka', headerFields: { key: 'user.id' } });
    assert.deepEqual(headers.fixed, { host: hostname() });
  });
});

describe('a value', () => {
  it('is one line, and not endless', () => {
    const table: [unknown, string | undefined][] = [
      ['one\ntwo\r\nthree', 'one two  three'],
      ['\u001b[31mred\u0000\u007f\u0085\u2028\u2029', ' [31mred     '],
      ['日本 é 😀', '日本 é 😀'],
      ['', ''],
      [{ a: 'x\ny' }, '{"a":"x\\ny"}'],
      [null, undefined],
      ['y'.repeat(100_000), 'y'.repeat(65_535)],
    ];
    for (const [value, expected] of table) assert.equal(headerValue(value), expected);
    assert.deepEqual(pairs(recordHeaders({}).list({ ...facts, level: 'in\nfo', loggerName: 'a\tb' })), {
      timestamp: '1731234567890',
      level: 'in fo',
      logger: 'a b',
    });
  });

  it('of a map is made safe too, and a name refused', () => {
    const map =
      (headers: Record<string, string>): RecordMap =>
      () => ({ headers });
    assert.deepEqual(mapRecord(map({ a: 'x\ny' }), {})?.headers, { a: 'x y' });
    assert.throws(() => mapRecord(map({ '': 'x' }), {}), /headers: an empty name/);
    assert.throws(() => mapRecord(map({ 'a\nb': 'x' }), {}), /headers: a name with control characters/);
  });
});

describe('a context', () => {
  const context = { tenant: 'a', user: { id: 1 }, n: 5, when: new Date(0), no: null, f: () => 1, 'x y': 'é\n' };

  it('becomes headers: texts, numbers, dates, under names that an HDFS path can have', () => {
    assert.deepEqual(contextHeaders({ context: { path: 'ctx' } }, context), {
      tenant: 'a',
      n: '5',
      when: '1970-01-01T00:00:00.000Z',
      x_y: 'é ',
    });
    assert.deepEqual(
      contextHeaders(
        { context: { path: 'ctx' } },
        new Map<unknown, unknown>([
          ['a', 1],
          [1, 2],
        ]),
      ),
      { a: '1' },
    );
    for (const nothing of [undefined, null, 'text', 5, []]) {
      assert.deepEqual(contextHeaders({ context: { path: 'ctx' } }, nothing), {});
    }
  });

  it('may be narrowed, and its names have a prefix', () => {
    const include = { path: 'ctx', include: ['user', 'tenant', 'absent'], prefix: 'mdc:' };
    assert.deepEqual(contextHeaders({ context: include }, context), { 'mdc:user': '{"id":1}', 'mdc:tenant': 'a' });
    assert.deepEqual(contextHeaders({ context: { path: 'ctx', exclude: ['n', 'when', 'x y'] } }, context), {
      tenant: 'a',
    });
  });

  it('sets no header that means something else, unless it is asked for by name', () => {
    const stray = {
      topic: 't',
      key: 'k',
      timestamp: 'soon',
      id: '1',
      level: 'odd',
      host: 'h',
      'flume.avro.schema.url': 'u',
    };
    assert.deepEqual(contextHeaders({ context: { path: 'ctx' } }, stray), { level: 'odd', host: 'h' });
    assert.deepEqual(contextHeaders({ context: { path: 'ctx', prefix: 'c.' } }, { topic: 't' }), { 'c.topic': 't' });
    assert.deepEqual(contextHeaders({ context: { path: 'ctx', include: ['topic'] } }, stray), { topic: 't' });
    const { timestamp, level } = contextHeaders(
      { preset: 'flume', context: { path: 'ctx', include: ['timestamp', 'level'] } },
      stray,
    );
    assert.deepEqual([timestamp, level], ['1731234567890', 'info'], 'nor one of the others');
    const fields = { context: { path: 'ctx' }, headerFields: { level: 'severity' } };
    assert.deepEqual(contextHeaders(fields, stray), { host: 'h' });
  });

  it('may lack a required field: counted, told once, and the rest is there', () => {
    const notices: string[] = [];
    const headers = recordHeaders({ context: { path: 'ctx', required: ['user', 'tenant'] } }, notices);
    for (const ctx of [{ user: 1, tenant: 2 }, { user: 1 }, undefined, { user: null, tenant: 2 }])
      headers.addContext([], ctx);
    assert.deepEqual(notices, ['context: tenant is missing, the record is sent without it']);
    assert.equal(headers.contextMissing, 3);
  });

  it('comes from an AsyncLocalStorage', () => {
    const store = new AsyncLocalStorage<unknown>();
    const headers = recordHeaders({ preset: 'none', context: { store } });
    assert.equal(headers.contextPath, undefined);
    assert.deepEqual(headers.list(facts), []);
    assert.deepEqual(
      store.run({ tenant: 'a' }, () => headers.list(facts)),
      ['tenant', 'a'],
    );
    assert.deepEqual(
      store.run(new Map([['tenant', 'b']]), () => headers.list(facts)),
      ['tenant', 'b'],
    );
    const broken = { getStore: () => assert.fail('broken') };
    assert.deepEqual(recordHeaders({ preset: 'none', context: { store: broken } }).list(facts), []);
  });

  it('survives getters that throw', () => {
    const context = {
      get a(): never {
        throw new Error('no');
      },
    };
    assert.deepEqual(contextHeaders({ context: { path: 'ctx' } }, context), {});
  });
});

describe('options of headers', () => {
  it('say what is wrong with them', () => {
    const store = new AsyncLocalStorage();
    const table: [Record<string, unknown>, RegExp][] = [
      [{ headers: { '': 'x' } }, /^headers: expected names and values in one line, got an empty name$/],
      [
        { headers: { app: 'x\n' } },
        /^headers: expected names and values in one line, got control characters in 'app'$/,
      ],
      [{ headers: { app: 1 } }, /^headers: expected an object whose values are strings, got/],
      [{ headerFields: { 'a\tb': 'x' } }, /^headerFields: expected header names in one line, got a name with control/],
      [{ context: {} }, /^context\.path: expected a path, or in process a store, got undefined$/],
      [{ context: { path: 'a', store } }, /^context\.store: expected no path beside it$/],
      [{ context: { path: 'a', include: [], exclude: [] } }, /^context\.exclude: expected no include beside it$/],
      [{ context: { store: {} } }, /^context\.store: expected an AsyncLocalStorage, got \{\}$/],
      [
        { context: { path: 'a', includes: [] } },
        /^context\.includes: unknown option, did you mean context\.include\?$/,
      ],
      [{ context: { path: 'a', include: 'tenant' } }, /^context\.include: expected an array, got "tenant"$/],
      [{ redact: ['a..b'] }, /^redact\[0\]: expected a path, as 'req\.headers\.cookie' or .*, got "a\.\.b"$/],
      [{ redact: 'password' }, /^redact: expected an array of paths, got "password"$/],
      [{ compress: 'zip' }, /^compress: expected 'gzip', got "zip"$/],
    ];
    for (const [options, message] of table) assert.throws(() => resolveLogger(options, 'function'), { message });
  });
});

describe('what a record gives', () => {
  const long = 'é'.repeat(65_535);
  const sizeOf = (list: readonly string[]): number => list.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

  it('never takes the room of its event, however many and long its fields are', () => {
    for (const maxEventBytes of [1_000, 2 ** 20]) {
      const many = Object.fromEntries(
        Array.from({ length: 100_000 }, (_, index) => [`${long.slice(0, 10)}${index}`, long]),
      );
      const names = Array.from({ length: 17 }, (_, index) => `f${index}`);
      const headerFields = Object.fromEntries(names.map((name) => [name, name]));
      for (const context of [undefined, { path: 'ctx' }, { path: 'ctx', include: names }]) {
        const notices: string[] = [];
        const headers = recordHeaders({ maxEventBytes, headerFields, context }, notices);
        const list = headers.list({ time: 0, level: long, loggerName: long });
        for (const field of headers.fields) headers.addField(list, field, long);
        headers.addContext(list, { ...many, ...Object.fromEntries(names.map((name) => [`${name}x`, long])) });
        const mapped = headers.mapped(list, many);
        const nameBytes = sizeOf(list.filter((_text, at) => at % 2 === 0));
        assert.ok(sizeOf(list) - nameBytes <= maxEventBytes / 4, `${maxEventBytes}: ${sizeOf(list)}`);
        assert.ok(list.length / 2 <= 3 + 17 + 64);
        assert.ok(mapped.length <= list.length + 512);
        assert.equal(headers.headersCut, 1);
        assert.equal(notices.length, 1);
        assert.match(notices[0] as string, /^headers: a record gives more/);
      }
    }
  });

  it('takes no room of another value, and keeps whole characters', () => {
    const headers = recordHeaders({ preset: 'none', headerFields: { a: 'a', b: 'b' }, maxEventBytes: 80 });
    const list: string[] = [];
    for (const [index, value] of ['😀'.repeat(100), 'tenant'].entries()) {
      headers.addField(list, headers.fields[index] as { header: string }, value);
    }
    assert.deepEqual(list, ['a', '😀😀', 'b', 'tenant']);
  });

  it('replaces no other field under a name that was made fit', () => {
    const context = { 'user id': 'evil', user_id: 'good', 'x!': 1, 'x?': 2 };
    for (const given of [context, new Map(Object.entries(context))]) {
      assert.deepEqual(contextHeaders({ context: { path: 'ctx' } }, given), { user_id: 'good', x_: '1' });
    }
  });
});
