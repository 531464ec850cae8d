import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerValue, valueAt } from 'flume-thrift-client/loggers';
import type { PinoFlumeInProcessOptions } from '../src/options.ts';
import type { PinoConfig } from '../src/pino-config.ts';
import { type Event, Lines } from './lines.ts';

const time = 1_731_234_567_890;
const plain = `{"level":30,"time":${time},"pid":1,"hostname":"h","msg":"hello"}`;

test("pino's own line", () => {
  const lines = new Lines();
  assert.deepEqual(lines.event(plain), { headers: { timestamp: String(time), level: 'info' }, body: plain, low: true });
  assert.deepEqual(lines.events.fixedHeaders, { host: hostname() });
});

test("the logger's name is what a parsed line says, wherever it stands in a line of a chunk", () => {
  const key = fc.constantFrom('name', 'name', 'a', ',"name":', '"name"', 'hostname', '\\');
  const text = fc.constantFrom('shop', ',"name":"x"', '{"name":"x"', '\\","name":"x', 'é🚀');
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 1 }), fc.dictionary(key, text), fc.array(text));
  const start = fc.constantFrom(`{"level":30,"time":${time}`, `{"time":${time}`);
  const line = fc.tuple(start, fc.array(fc.tuple(key, value), { maxLength: 5 })).map(([prefix, entries]) => {
    const fields = entries.map(([name, content]) => `,${JSON.stringify(name)}:${JSON.stringify(content)}`);
    return `${prefix}${fields.join('')}}`;
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), fc.array(line, { maxLength: 4 }), (...chunks) => {
      const { events } = new Lines();
      const buffer = Buffer.alloc(10_000);
      // The second chunk overwrites the first, as its owner may.
      for (const lines of chunks) {
        let end = 0;
        buffer.write(lines.join('\n'));
        for (const one of lines) {
          const start = end;
          end += Buffer.byteLength(one);
          const { headers } = events.event(buffer, start, end) as { headers: readonly string[] };
          const at = headers.indexOf('logger');
          assert.equal(at === -1 ? undefined : headers[at + 1], headerValue(JSON.parse(one).name), one);
          end += 1;
        }
        events.endChunk();
      }
    }),
    { numRuns: 3_000 },
  );
});

test('what is no record is sent as it is, without a level', () => {
  for (const line of [
    'plain text',
    '{"level":30',
    'null',
    '[1]',
    '"level"',
    '\u0000',
    '{"level":30,"time":1731234567890',
  ]) {
    const event = new Lines({ headerFields: { id: 'id' }, body: 'message' }).event(line);
    assert.equal(event?.body, line);
    assert.deepEqual(Object.keys(event.headers), ['timestamp'], line);
  }
});

test('the presets', () => {
  const line = `{"level":50,"time":${time},"name":"shop"}`;
  assert.deepEqual(new Lines({ preset: 'log4j' }).event(line)?.headers, {
    'flume.client.log4j.timestamp': String(time),
    'flume.client.log4j.log.level': '40000',
    'flume.client.log4j.logger.name': 'shop',
  });
  assert.equal(new Lines({ preset: 'log4j2' }).event(line)?.headers.timeStamp, String(time));
  assert.deepEqual(new Lines({ preset: 'none' }).event(line)?.headers, {});
});

test('header fields say what a parsed record says', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'msg', 'level', 'é');
  const record = fc.dictionary(
    key,
    fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.dictionary(key, fc.jsonValue({ maxDepth: 1 }))),
  );
  const path = fc.array(fc.oneof(key, fc.constant('0')), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(record, path, fc.boolean(), (fields, keys, prefixed) => {
      const line = JSON.stringify(prefixed ? { level: 30, time, ...fields } : fields);
      const { headers } = new Lines({ preset: 'none', headerFields: { it: keys.join('.') } }).event(line) as Event;
      const expected = headerValue(valueAt(JSON.parse(line), keys));
      assert.equal(headers.it, expected, line);
    }),
    { numRuns: 2_000 },
  );
});

test('the body', () => {
  const line = `{"level":30,"time":${time},"req":{"id":"7"},"n":12345678901234567890,"text":"a\\nb","msg":"hällo"}`;
  const body = (options: PinoFlumeInProcessOptions, config?: PinoConfig): string | undefined =>
    new Lines(options, config).event(line)?.body;
  assert.equal(body({ body: 'message' }), 'hällo');
  assert.equal(body({ body: 'message' }, { messageKey: 'text' }), 'a\nb');
  assert.equal(body({ body: 'message' }, { messageKey: 'none' }), line);
  assert.equal(body({ body: 'req' }), '{"id":"7"}');
  assert.equal(body({ body: 'req.id' }), '7');
  assert.equal(body({ body: 'n' }), '12345678901234567890');
  assert.equal(body({ body: 'req.nothing' }), line);
});

test('map makes the event, or none', () => {
  const lines = new Lines({
    map: (record) =>
      record.msg === 'skip' ? null : { headers: { level: 'own', id: record.req.id }, body: record.msg },
  });
  const line = `{"level":30,"time":${time},"req":{"id":"7"},"msg":"hello"}`;
  assert.deepEqual(lines.event(line), {
    headers: { host: hostname(), timestamp: String(time), level: 'own', id: '7' },
    body: 'hello',
    low: true,
  });
  assert.equal(lines.event(`{"level":30,"time":${time},"msg":"skip"}`), undefined);
  assert.equal(lines.events.filtered, 1);
  assert.equal(lines.event('plain text')?.body, 'plain text');
  assert.equal(lines.events.mapFailures, 0);
  assert.deepEqual(new Lines({ map: () => ({}) }).event(line)?.body, line);
});

test('a map that fails costs its headers and body, not the record', () => {
  const results: [unknown, RegExp][] = [
    [new Error('no such thing'), /no such thing/],
    [undefined, /got undefined/],
    ['text', /got string/],
    [Promise.resolve({}), /got a promise/],
    // None of these may become an unhandled rejection, which ends the test.
    [Promise.reject(new Error('async')), /got a promise/],
    [{ then: (_: unknown, no: (error: Error) => void) => no(new Error('async')) }, /got a promise/],
    [{ body: Promise.reject(new Error('async')) }, /body: expected a string or a Uint8Array, got a promise/],
    [{ headers: { a: Promise.reject(new Error('async')) } }, /headers\.a: expected a string, got a promise/],
    [{ headers: { n: 1 } }, /headers\.n: expected a string, got number/],
    [{ headers: 'x' }, /headers: expected an object, got string/],
    [{ body: 1 }, /body: expected a string or a Uint8Array, got number/],
  ];
  for (const [result, text] of results) {
    const map = (): never => {
      if (result instanceof Error) throw result;
      return result as never;
    };
    const lines = new Lines({ map });
    for (let count = 0; count < 3; count++) assert.equal(lines.event(plain)?.body, plain);
    assert.equal(lines.events.mapFailures, 3);
    assert.equal(lines.warnings.length, 1, 'one warning');
    assert.match(lines.warnings[0]?.message ?? '', text);
  }
});

test('a context in the record becomes headers', () => {
  const line = `{"level":30,"time":${time},"ctx":{"tenant":"a\\nb","n":1,"o":{},"topic":"t"},"deep":{"ctx":{"x":1}}}`;
  const headers = (options: PinoFlumeInProcessOptions): Record<string, string> | undefined =>
    new Lines({ preset: 'none', ...options }).event(line)?.headers;
  assert.deepEqual(headers({ context: { path: 'ctx' } }), { tenant: 'a b', n: '1' });
  assert.deepEqual(headers({ context: { path: 'deep.ctx', prefix: 'c.' } }), { 'c.x': '1' });
  assert.deepEqual(headers({ context: { path: 'none' } }), {});
  // The record itself, but for pino's own fields and what is no plain value.
  const own = `{"level":30,"time":${time},"pid":7,"hostname":"h","name":"n","tenant":"acme","o":{},"msg":"m"}`;
  const all = new Lines({ preset: 'none', context: { path: '.', exclude: ['pid'] } }).event(own);
  assert.deepEqual(all?.headers, { tenant: 'acme' });
  assert.deepEqual(headers({ context: { path: 'level' } }), {});
  const lines = new Lines({ context: { path: 'ctx', required: ['user'] } });
  for (const text of [line, line, 'plain']) assert.notEqual(lines.event(text), undefined);
  assert.equal(lines.events.contextMissing, 3);
  assert.deepEqual(
    lines.warnings.map(({ message }) => message),
    ['context: user is missing, the record is sent without it'],
  );
});

test('a context of an AsyncLocalStorage becomes headers', () => {
  const store = new AsyncLocalStorage<unknown>();
  const lines = new Lines({ preset: 'none', context: { store } });
  assert.deepEqual(
    store.run({ tenant: 'a' }, () => lines.event(plain)?.headers),
    { tenant: 'a' },
  );
  assert.deepEqual(lines.event(plain)?.headers, {});
});

test('trace context becomes headers where it is asked for', () => {
  const line = `{"level":30,"time":${time},"trace_id":"0af7","span_id":"b7ad","trace_flags":"01","msg":"x"}`;
  assert.deepEqual(Object.keys(new Lines().event(line)?.headers ?? {}), ['timestamp', 'level']);
  const lines = new Lines({ preset: 'none', traceContext: true });
  assert.deepEqual(lines.event(line)?.headers, { trace_id: '0af7', span_id: 'b7ad', trace_flags: '01' });
  assert.deepEqual(lines.event(plain)?.headers, {});
});

test('what is to be hidden is hidden in headers, body and for map', () => {
  const line = `{"level":30,"time":${time},"name":"shop","user":{"password":"x","id":12345678901234567890},"msg":"x"}`;
  const safe = line.replace('"password":"x"', '"password":"[redacted]"');
  const redact = ['user.password'];
  const event = new Lines({ redact, headerFields: { secret: 'user.password', user: 'user' } }).event(line);
  assert.equal(event?.body, safe);
  assert.deepEqual(event.headers, {
    timestamp: String(time),
    level: 'info',
    logger: 'shop',
    secret: '[redacted]',
    user: '{"password":"[redacted]","id":12345678901234567890}',
  });
  assert.equal(new Lines({ redact, body: 'user.password' }).event(line)?.body, '[redacted]');
  assert.equal(new Lines({ redact, map: ({ user }) => ({ body: user.password }) }).event(line)?.body, '[redacted]');
  assert.equal(new Lines({ redact }).event(plain)?.body, plain);
  assert.equal(new Lines({ redact: ['msg'], body: 'message' }).event(plain)?.body, '[redacted]');
});

test('what is to be hidden is hidden in a line that is no JSON object, or the line is withheld', () => {
  const record = `{"level":30,"time":${time},"password":"SECRET","msg":"x"}`;
  const lines = new Lines({ redact: ['password'], headerFields: { secret: 'password' } });
  for (const line of [`\ufeff${record}`, `app | ${record}`, `[${record}]`, `${record}${record}`, `${record},`]) {
    const event = lines.event(line);
    assert.doesNotMatch(JSON.stringify(event), /SECRET/, line);
    assert.match(String(event?.body), /"msg":"x"/);
  }
  assert.equal(lines.event(`app ${record.replace('pass', 'p\\u0061ss')}`)?.body, '[redacted]');
  assert.deepEqual([lines.events.redactedByName, lines.events.withheld], [5, 1]);
});
