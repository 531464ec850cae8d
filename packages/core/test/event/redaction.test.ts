import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Redaction } from '../../src/event/redaction.ts';
import { redactionPath } from '../../src/event/redaction-paths.ts';

const line = (json: string, ...paths: string[]): string => new Redaction(paths).line(Buffer.from(json)).toString();
const hidden = '"[redacted]"';

describe('a redaction path', () => {
  it('is read as pino reads it', () => {
    const table: [string, string[] | undefined][] = [
      ['password', ['password']],
      ['req.headers.set-cookie', ['req', 'headers', 'set-cookie']],
      ['req.headers["set-cookie"].x', ['req', 'headers', 'set-cookie', 'x']],
      ["a['b.c'][0]", ['a', 'b.c', '0']],
      ['users[*].email', ['users', '*', 'email']],
      ['*.token', ['*', 'token']],
      ['["a b"].c', ['a b', 'c']],
      ['', undefined],
      ['a..b', undefined],
      ['a[b]', undefined],
      ['a.', undefined],
      ['a["b', undefined],
      ['a[0]b', undefined],
    ];
    for (const [path, keys] of table) assert.deepEqual(redactionPath(path), keys, path);
  });
});

describe('redaction of a line', () => {
  it('hides values of every kind, and keeps every other byte', () => {
    const rest = '"n":12345678901234567890,"e":1.0e5,"é":"\\u00e9","dup":1,"dup":2}';
    for (const value of ['"x"', '1', 'null', 'true', '{"a":"}"}', '["]",{}]', '""', '"a\\"b\\\\"']) {
      assert.equal(line(`{"password":${value},${rest}`, 'password'), `{"password":${hidden},${rest}`);
      assert.equal(
        line(`{ "a" : { "password" : ${value} } , ${rest}\n`, 'a.password'),
        `{ "a" : { "password" : ${hidden} } , ${rest}\n`,
      );
    }
  });

  it('hides at any key, at any index, and however the key is written', () => {
    assert.equal(line('{"a":{"t":1},"b":[{"t":2}],"t":3}', '*.t'), `{"a":{"t":${hidden}},"b":[{"t":2}],"t":3}`);
    assert.equal(line('{"u":[{"e":1},{"e":2}]}', 'u[*].e'), `{"u":[{"e":${hidden}},{"e":${hidden}}]}`);
    assert.equal(line('{"u":[1,2,3]}', 'u[1]'), `{"u":[1,${hidden},3]}`);
    assert.equal(line('{"pass\\u0077ord":1}', 'password'), `{"pass\\u0077ord":${hidden}}`);
    assert.equal(line('{"a":1,"a":2}', 'a'), `{"a":${hidden},"a":${hidden}}`);
    assert.equal(line('{"a":{"b":1,"c":2,"d":3}}', 'a.b', '*.c'), `{"a":{"b":${hidden},"c":${hidden},"d":3}}`);
    assert.equal(line('{"a":{"b":1},"x":{"b":{"c":1}}}', 'a', '*.b.c'), `{"a":${hidden},"x":{"b":{"c":${hidden}}}}`);
  });

  it('gives the same bytes where nothing is hidden', () => {
    for (const text of ['{"a":1}', 'plain text', '', 'null', '[1]', '{"a":{}}', '{}', '{"a":[]}']) {
      const bytes = Buffer.from(text);
      assert.equal(new Redaction(['password', 'a.b', '*.c']).line(bytes), bytes, text);
    }
  });

  it('hides in a line that was cut anywhere what it would hide in the whole one', () => {
    const whole = '{"level":30,"req":{"headers":{"cookie":"secret \\" secret"},"q":["secret",2]},"msg":"hello"}';
    for (let end = 0; end <= whole.length; end++) {
      const cut = line(whole.slice(0, end), 'req.headers.cookie', 'req.q[0]');
      assert.ok(!cut.includes('secret'), cut);
    }
  });

  it('hides what it hides in the record', () => {
    const key = fc.constantFrom('a', 'b', 'c', '0', 'é"\\');
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, 'text', null, true, 'a"}],{:\\', '', -1.5),
        fc.dictionary(key, tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value;
    const paths = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', '0', '*'), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(value, paths, fc.constantFrom(0, 1), (record, keys, indent) => {
        const redaction = new Redaction(keys.map((path) => path.join('.')));
        const text = JSON.stringify(record, null, indent);
        const safe = redaction.line(Buffer.from(text)).toString();
        assert.equal(JSON.stringify(JSON.parse(safe)), JSON.stringify(redaction.record(record)));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('redaction of a record', () => {
  it('leaves the record as it is, and copies only what it must', () => {
    const symbol = Symbol('level');
    const record = { [symbol]: 'info', user: { password: 'x', name: 'n' }, other: { a: 1 } };
    const safe = new Redaction(['user.password']).record(record) as typeof record;
    assert.deepEqual(safe, { [symbol]: 'info', user: { password: '[redacted]', name: 'n' }, other: { a: 1 } });
    assert.equal(record.user.password, 'x');
    assert.equal(safe.other, record.other);
    assert.equal(new Redaction(['nothing', '*.none']).record(record), record);
  });

  it('finds what is not enumerable, as the stack of an error', () => {
    const error = new Error('boom');
    const safe = new Redaction(['err.stack']).record({ err: error }) as { err: Error };
    assert.equal(safe.err.stack, '[redacted]');
    assert.equal(safe.err.message, 'boom');
    assert.ok(safe.err instanceof Error);
  });

  it('hides all of a record that cannot be read', () => {
    const record = {
      get a(): never {
        throw new Error('no');
      },
    };
    assert.equal(new Redaction(['a.b']).record(record), '[redacted]');
  });
});
