import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter, maxLineBytes } from '../src/line-splitter.ts';

function split(chunks: Iterable<Buffer>): Buffer[] {
  const lines: Buffer[] = [];
  const splitter = new LineSplitter((bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end))));
  for (const chunk of chunks) {
    // As a reader does that has one buffer: what is kept of a chunk must be a copy.
    const own = Buffer.from(chunk);
    splitter.push(own);
    own.fill(0x58);
  }
  splitter.end();
  return lines;
}

test('any cut of any bytes gives the same lines', () => {
  const byte = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0x0a) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  const bytes = fc.array(byte, { maxLength: 200 }).map((list) => Buffer.from(list));
  const cuts = fc.array(fc.nat(200), { maxLength: 20 });
  fc.assert(
    fc.property(bytes, cuts, (text, places) => {
      const ends = [...places.filter((place) => place <= text.length), text.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => text.subarray(index === 0 ? 0 : ends[index - 1], end));
      const expected = text
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '');
      assert.deepEqual(
        split(chunks).map((line) => line.toString('latin1')),
        expected,
      );
    }),
    { numRuns: 1_000 },
  );
});

test('a character may be cut in the middle', () => {
  const text = Buffer.from('日本語 🚀\nñ\n');
  const lines = split([...text].map((byte) => Buffer.of(byte)));
  assert.deepEqual(lines.map(String), ['日本語 🚀', 'ñ']);
});

test('a long line takes time in proportion', () => {
  const nanoseconds = (chunks: number): number => {
    const chunk = Buffer.alloc(1_000, 'x');
    const splitter = new LineSplitter(() => {});
    const start = process.hrtime.bigint();
    for (let count = 0; count < chunks; count++) splitter.push(chunk);
    splitter.end();
    return Number(process.hrtime.bigint() - start);
  };
  nanoseconds(1_000);
  const few = Math.min(...[1, 2, 3].map(() => nanoseconds(1_000)));
  const many = Math.min(...[1, 2, 3].map(() => nanoseconds(16_000)));
  // 16 times as much; copying all anew for each chunk would take 256 times as long.
  assert.ok(many < 100 * few, `${many} ns for 16 MB, ${few} ns for 1 MB`);
});

test('input without a newline is bounded', () => {
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');
  const lines = split([...Array.from({ length: 18 }, () => mebibyte), Buffer.from('tail\nnext\n')]);
  assert.deepEqual(
    lines.map((line) => line.length),
    [maxLineBytes, 4],
  );
});
