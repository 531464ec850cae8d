import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contents, FieldScanner, parsed } from '../src/field-scanner.ts';

const key = fc.oneof(
  fc.constantFrom('a', 'name', 'level', 'é', '🚀', '"', '\\', '', '__proto__'),
  fc.string({ unit: 'binary' }),
);
const value = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
const fields = fc.array(fc.tuple(key, value), { maxLength: 8 });

/** As JSON, spelled as JSON.stringify does, or with every character of the keys escaped and space between all parts. */
function spell(entries: readonly (readonly [string, unknown])[], odd: boolean): string {
  const space = odd ? ' \t\r' : '';
  const escaped = (text: string): string =>
    `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
  const parts = entries.map(
    ([name, content]) =>
      `${space}${odd ? escaped(name) : JSON.stringify(name)}${space}:${space}${JSON.stringify(content)}${space}`,
  );
  return `${space}{${space}${parts.join(',')}}${space}`;
}

function lookUp(line: string, name: string): { found: boolean; value: unknown } {
  // Not at the start of its buffer, as the lines of a chunk.
  const bytes = Buffer.from(`x${line}y`);
  const scanner = new FieldScanner(['other', name]);
  assert.equal(scanner.scan(bytes, 1, bytes.length - 1), true);
  const start = scanner.start(1);
  return { found: start !== -1, value: start === -1 ? undefined : parsed(bytes, start, scanner.end(1)) };
}

test('finds what JSON.parse finds', () => {
  fc.assert(
    fc.property(fields, fc.boolean(), fc.nat(), key, (entries, odd, pick, absent) => {
      const line = spell(entries, odd);
      const record = JSON.parse(line);
      for (const pickedKey of [entries[pick % Math.max(1, entries.length)]?.[0] ?? absent, absent]) {
        // Bytes have no lone surrogates.
        const name = Buffer.from(pickedKey).toString();
        const { found, value: content } = lookUp(line, name);
        assert.equal(found, Object.hasOwn(record, name));
        if (found) assert.deepEqual(content, record[name]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('of equal keys the last counts', () => {
  assert.deepEqual(lookUp('{"a":1,"a":{"a":2},"b":"a","a":[3]}', 'a'), { found: true, value: [3] });
});

test('the first of equal keys is known too', () => {
  const bytes = Buffer.from('{"a":1,"a":{"a":2},"b":"a","a":[3]}');
  const scanner = new FieldScanner(['a', 'c', 'b'], 2);
  assert.equal(scanner.scan(bytes, 0, bytes.length), true);
  assert.deepEqual(parsed(bytes, scanner.firstStart(0), scanner.firstEnd(0)), 1);
  assert.deepEqual(parsed(bytes, scanner.start(0), scanner.end(0)), [3]);
  assert.equal(scanner.firstStart(1), -1);
  scanner.clear();
  assert.equal(scanner.firstStart(0), -1);
});

test('a key within a value or a string is none', () => {
  assert.equal(lookUp('{"b":{"a":1},"c":["a",{"a":2}],"d":"\\"a\\":3"}', 'a').found, false);
});

test('what is no object has no fields', () => {
  const scanner = new FieldScanner(['a']);
  const lines = [
    '',
    ' ',
    'a',
    '"a"',
    '1',
    'null',
    '[1]',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{a:1}',
    '{"a":"',
  ];
  for (const line of [
    ...lines,
    '{"a":"\\',
    '{"a":{',
    '{"a":[}',
    '{"a" 1}',
    '{"a":1}x',
    '{"a":1}{"a":2}',
    '{,}',
    '{"a":,"b":1}',
  ]) {
    const bytes = Buffer.from(line);
    assert.equal(scanner.scan(bytes, 0, bytes.length), false, line);
    assert.equal(scanner.start(0), -1, line);
  }
});

test('no bytes make it throw or read beyond the end', () => {
  const scanner = new FieldScanner(['a']);
  const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', ' ', 'a', '1', '{"a":1', ',"a":"b"');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const line = Buffer.from(pieces.join(''));
      const inBuffer = Buffer.concat([line, Buffer.from('"}],{"a":1}')]);
      const alone = scanner.scan(line, 0, line.length);
      assert.equal(scanner.scan(inBuffer, 0, line.length), alone);
      if (scanner.start(0) !== -1) assert.ok(scanner.end(0) <= line.length);
      if (isObject(line)) assert.equal(alone, true);
    }),
    { numRuns: 5_000 },
  );
});

test('the contents of values', () => {
  for (const [json, expected] of [
    ['"text"', 'text'],
    ['"\\"q\\" \\u00e9"', '"q" é'],
    ['""', ''],
    ['12345678901234567890', '12345678901234567890'],
    ['1.50', '1.50'],
    ['true', 'true'],
    ['{"a":[1]}', '{"a":[1]}'],
    ['null', undefined],
    ['"\\x"', undefined],
  ] as const) {
    assert.equal(contents(Buffer.from(json), 0, Buffer.byteLength(json))?.toString(), expected, json);
  }
});

function isObject(bytes: Buffer): boolean {
  const content = parsed(bytes, 0, bytes.length);
  return typeof content === 'object' && content !== null && !Array.isArray(content);
}
