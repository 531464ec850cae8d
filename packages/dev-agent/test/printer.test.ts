import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OutputFormat, PrinterOptions } from '../src/printer.ts';
import { createPrinter } from '../src/printer.ts';

const event = { headers: { level: 'INFO', app: 'checkout' }, body: Buffer.from('order placed') };
const atMs = new Date(2026, 0, 2, 3, 4, 5, 67).getTime();

const print = (
  format: OutputFormat,
  { headers, body }: { headers: Record<string, string>; body: Buffer | string },
  options?: PrinterOptions,
): string => createPrinter(format, options)({ event: { headers, body: Buffer.from(body) }, number: 7, atMs });

/** The line behind number and time. */
const pretty = (headers: Record<string, string>, body: Buffer | string, options?: PrinterOptions): string => {
  const line = print('pretty', { headers, body }, { ...options, template: '{level} {headers} {body}' });
  return line.slice(0, -1);
};

describe('createPrinter()', () => {
  it('pretty: a line with number, arrival time, level, headers and body', () => {
    assert.equal(print('pretty', event), '#7 03:04:05.067 INFO  {level=INFO app=checkout} order placed\n');
    assert.equal(print('pretty', { headers: {}, body: '' }), '#7 03:04:05.067 -     {} \n');
  });

  it('pretty: by a template', () => {
    const by = (template: string): string => print('pretty', event, { template });
    assert.equal(
      by('{date}T{time} [{header.app}] {header.none}{body}'),
      '2026-01-02T03:04:05.067 [checkout] order placed\n',
    );
    assert.equal(by('{header.constructor}|'), '|\n');
    assert.throws(() => by('{bdoy}'), { message: /^no field \{bdoy\}; they are \{number\}, \{date\}/ });
    assert.throws(() => by('{}'), { message: /^no field \{\}/ });
  });

  it('pretty: colours only where asked for, by how severe an event is', () => {
    for (const [level, colour] of [
      ['ERROR', '31'],
      ['warn', '33'],
      ['info', '32'],
      ['debug', '34'],
      ['trace', '2'],
      ['fatal', '97;41'],
    ] as const) {
      const line = pretty({ level }, '', { colours: true });
      assert.ok(line.startsWith(`\u001b[${colour}m${level.toUpperCase()}\u001b[`), JSON.stringify(line));
      assert.ok(line.includes(`\u001b[36mlevel\u001b[39m=\u001b[${colour}m${level}`), JSON.stringify(line));
    }
    assert.ok(pretty({ level: 'constructor' }, '', { colours: true }).includes('=constructor'));
    assert.equal(pretty({ 'flume.client.log4j.log.level': '40000' }, '').slice(0, 5), 'ERROR');
    assert.equal(pretty({ Severity: '4' }, '').slice(0, 5), 'WARN ');
  });

  it('pretty: an event cannot steer the terminal', () => {
    const body = 'x\u001b]0;title\u0007\r\n\u009b\u202ey\tz ü 🙂';
    assert.equal(
      pretty({ 'a\u001b[2J': 'b\nc' }, body),
      '-     {a\\u001b[2J=b\\nc} x\\u001b]0;title\\u0007\\r\\n\\u009b\\u202ey\tz ü 🙂',
    );
    const wrapped = pretty({}, JSON.stringify({ a: '\u001b[2J\u202e\n\u009b' }), { wrap: true });
    assert.doesNotMatch(wrapped.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('pretty: a body that is no text as hex', () => {
    assert.equal(pretty({}, Buffer.from([0xff, 0x00, 0x10])), '-     {} 3 bytes: ff 00 10');
    assert.equal(pretty({}, 'a\0b'), '-     {} 3 bytes: 61 00 62');
    assert.equal(pretty({}, Buffer.alloc(40, 0xfe)), `-     {} 40 bytes: ${'fe '.repeat(31)}fe …`);
  });

  it('pretty: JSON on several lines on request, and stacks with theirs', () => {
    const body = JSON.stringify({ msg: 'no', err: { stack: 'Error: no\n    at f (C:\\new\\a.js:1)' } });
    const lines = [
      '-     {} ',
      '  {',
      '    "msg": "no",',
      '    "err": {',
      '      "stack": "Error: no',
      '            at f (C:\\\\new\\\\a.js:1)"',
      '    }',
      '  }',
    ];
    assert.deepEqual(pretty({}, body, { wrap: true }).split('\n'), lines);
    for (const other of ['order placed', '5', '{no json', '']) {
      assert.equal(pretty({}, other, { wrap: true }), `-     {} ${other}`);
    }
  });

  it('json: one line per event, a body that is no text as base64', () => {
    assert.equal(print('json', event), '{"headers":{"level":"INFO","app":"checkout"},"body":"order placed"}\n');
    assert.equal(print('json', { headers: {}, body: Buffer.from([0xff]) }), '{"headers":{},"bodyBase64":"/w=="}\n');
  });

  it('simplejson: one line per event with its body as text, and all of it beside where that is not possible', () => {
    assert.equal(print('simplejson', event), '{"headers":{"level":"INFO","app":"checkout"},"body":"order placed"}\n');
    const odd = { headers: { 'ü"': '\u0001\t/' }, body: '日本\n\u001f\u007f\\/' };
    assert.equal(print('simplejson', odd), '{"headers":{"ü\\"":"\\u0001\\t/"},"body":"日本\\n\\u001f\u007f\\\\/"}\n');
    const binary = { headers: {}, body: Buffer.from([0x61, 0xff, 0x62]) };
    assert.equal(print('simplejson', binary), '{"headers":{},"body":"a\ufffdb","bodyBase64":"Yf9i"}\n');
  });

  it('none: nothing', () => {
    assert.equal(print('none', event), '');
  });
});
