import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { truncateBody } from '../../src/event/truncation.ts';

const cut = (body: string, maxBytes: number): string => Buffer.from(truncateBody(body, maxBytes)).toString();

describe('a body that is too large', () => {
  it('is cut between characters', () => {
    assert.equal(cut('aé€😀', 3), 'aé');
    assert.equal(cut('aé€😀', 5), 'aé');
    assert.equal(cut('aé€😀', 9), 'aé€');
    assert.equal(cut('abc', 3), 'abc');
  });

  it('of a JSON object has shorter texts: the longest are cut, to one length', () => {
    const long = 'x'.repeat(1_000);
    const record = { level: 'info', message: long, stack: `${long}${long}`, n: 12, [long]: 'key' };
    const written = JSON.stringify(record, undefined, 1);
    const sent = JSON.parse(cut(written, written.length - 1_500)) as typeof record;
    assert.deepEqual({ ...sent, message: '', stack: '' }, { ...record, message: '', stack: '' });
    assert.deepEqual([sent.message.length, sent.stack.length], [750, 750]);
    const little = JSON.parse(cut(written, written.length - 10)) as typeof record;
    assert.deepEqual([little.message.length, little.stack.length], [1_000, 1_990]);
  });

  it('is cut as text where that is no way: no JSON, or long by what is no text', () => {
    const broken = `{"a":"${'x'.repeat(200)}"`;
    assert.equal(cut(broken, 100), broken.slice(0, 100));
    const numbers = JSON.stringify({ n: Array.from({ length: 100 }, (_, n) => n) });
    assert.equal(cut(numbers, 100), numbers.slice(0, 100));
  });

  it('stays JSON, whatever its texts have, string and bytes alike', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 300 });
    const record = fc.record({
      a: texts,
      b: fc.array(texts, { maxLength: 5 }),
      'k"\\': fc.record({ d: texts, e: fc.jsonValue() }),
    });
    fc.assert(
      fc.property(record, fc.double({ min: 0.1, max: 1, noNaN: true }), fc.boolean(), (value, share, escapes) => {
        const plain = JSON.stringify(value);
        const body = escapes
          ? plain.replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain;
        const maxBytes = Math.floor(Buffer.byteLength(body) * share);
        const sent = truncateBody(body, maxBytes);
        assert.ok(sent.length <= maxBytes);
        assert.deepEqual(Buffer.from(truncateBody(Buffer.from(body), maxBytes)), Buffer.from(sent));
        const isCutAsText =
          Buffer.from(sent).equals(Buffer.from(body).subarray(0, sent.length)) && sent.length < Buffer.byteLength(body);
        if (isCutAsText) return;
        const read = JSON.parse(Buffer.from(sent).toString()) as typeof value;
        assert.deepEqual(Object.keys(read), Object.keys(value));
        assert.ok(
          body === plain
            ? value.a.toWellFormed().startsWith(read.a.toWellFormed().replace(/\ufffd$/u, ''))
            : value.a.startsWith(read.a),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('of 3 MB is cut in little time', () => {
    const body = JSON.stringify({ message: 'a', data: '"'.repeat(1_500_000) });
    const start = performance.now();
    const sent = JSON.parse(cut(body, 1_000_000)) as { data: string };
    assert.ok(performance.now() - start < 1_000);
    assert.ok(sent.data.length > 499_000);
  });
});
