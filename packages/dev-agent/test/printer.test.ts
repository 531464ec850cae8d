import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPrinter } from '../src/printer.ts';

const event = { headers: { level: 'INFO', app: 'checkout' }, body: Buffer.from('order placed') };

describe('createPrinter()', () => {
  it('pretty: a line with number, headers and body', () => {
    assert.equal(createPrinter('pretty', false)(event, 7), '#7 {level=INFO app=checkout} order placed\n');
    assert.equal(createPrinter('pretty', false)({ headers: {}, body: Buffer.alloc(0) }, 1), '#1 {} \n');
  });

  it('pretty: colours only where asked for', () => {
    assert.ok(createPrinter('pretty', true)(event, 7).includes('\u001b[36mlevel\u001b[39m=INFO'), 'a coloured name');
  });

  it('pretty: levels that are wrong in colours of their own', () => {
    const print = createPrinter('pretty', true);
    for (const [level, colour] of [
      ['ERROR', 31],
      ['warn', 33],
    ]) {
      const line = print({ headers: { level: `${level}` }, body: Buffer.alloc(0) }, 1);
      assert.ok(line.includes(`=\u001b[${colour}m${level}\u001b[39m`), line);
    }
    assert.ok(print({ headers: { level: 'constructor' }, body: Buffer.alloc(0) }, 1).includes('=constructor'));
  });

  it('pretty: an event cannot steer the terminal', () => {
    const hostile = {
      headers: { 'a\u001b[2J': 'b\nc' },
      body: Buffer.from('x\u001b]0;title\u0007\r\n\u009b\u202ey\tz ü 🙂'),
    };
    const line = '#1 {a\\u001b[2J=b\\nc} x\\u001b]0;title\\u0007\\r\\n\\u009b\\u202ey\tz ü 🙂\n';
    assert.equal(createPrinter('pretty', false)(hostile, 1), line);
  });

  it('pretty: a body that is no text as hex', () => {
    const print = createPrinter('pretty', false);
    assert.equal(print({ headers: {}, body: Buffer.from([0xff, 0x00, 0x10]) }, 1), '#1 {} 3 bytes: ff 00 10\n');
    assert.equal(print({ headers: {}, body: Buffer.from('a\0b') }, 1), '#1 {} 3 bytes: 61 00 62\n');
    const long = print({ headers: {}, body: Buffer.alloc(40, 0xfe) }, 1);
    assert.equal(long, `#1 {} 40 bytes: ${'fe '.repeat(31)}fe …\n`);
  });

  it('json: one line per event, a body that is no text as base64', () => {
    const print = createPrinter('json', true);
    assert.equal(print(event, 1), '{"headers":{"level":"INFO","app":"checkout"},"body":"order placed"}\n');
    assert.equal(print({ headers: {}, body: Buffer.from([0xff]) }, 1), '{"headers":{},"bodyBase64":"/w=="}\n');
  });

  it('simplejson: one line per event with its body as text, and all of it beside where that is not possible', () => {
    const print = createPrinter('simplejson', true);
    assert.equal(print(event, 1), '{"headers":{"level":"INFO","app":"checkout"},"body":"order placed"}\n');
    const odd = { headers: { 'ü"': '\u0001\t/' }, body: Buffer.from('日本\n\u001f\u007f\\/') };
    assert.equal(print(odd, 1), '{"headers":{"ü\\"":"\\u0001\\t/"},"body":"日本\\n\\u001f\u007f\\\\/"}\n');
    const binary = { headers: {}, body: Buffer.from([0x61, 0xff, 0x62]) };
    assert.equal(print(binary, 1), '{"headers":{},"body":"a\ufffdb","bodyBase64":"Yf9i"}\n');
  });

  it('none: nothing', () => {
    assert.equal(createPrinter('none', true)(event, 1), '');
  });
});
