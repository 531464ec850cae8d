import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HiddenFields, Redaction } from '../../src/event/redaction.ts';
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
    const { object } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, 'text', null, true, 'a"}],{:\\', '', -1.5),
        fc.dictionary(key, tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
      object: fc.dictionary(key, tie('value')),
    }));
    const paths = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', '0', '*'), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(object, paths, fc.constantFrom(0, 1), (record, keys, indent) => {
        const redaction = new Redaction(keys.map((path) => path.join('.')));
        const text = JSON.stringify(record, null, indent);
        const safe = redaction.line(Buffer.from(text)).toString();
        assert.equal(JSON.stringify(JSON.parse(safe)), JSON.stringify(redaction.record(record)));
        assert.equal(redaction.redactedByName + redaction.withheld, 0);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('redaction of what is no JSON object as a whole', () => {
  const whole = '{"level":30,"password":"SECRET","msg":"hello"}';
  const doubly = JSON.stringify(JSON.stringify(JSON.parse(whole)));

  it('hides by the name, at any depth and in any spelling', () => {
    for (const text of [
      `\ufeff${whole}`,
      `app | ${whole}`,
      `[${whole}]`,
      `${whole}${whole}`,
      `${whole},`,
      '{"password":"SECRET",}',
      '{"a"b":1,"password":"SECRET"}',
      '{"a"b":1,"c"d":{"password":"SECRET"}}',
      '{"a":"x","password" : "SECRET" ',
      '{"a":1 "password":"SEC\\"RET"}',
      `${doubly} text`,
      `${JSON.stringify(doubly)} text`,
      "{ password: 'SECRET', other: 'SECRET' }",
      'password=SECRET',
      'level=info password="SECRET"',
      'password: SECRET, SECRET',
      '{"password":"SECRET"SECRET"}',
      '{"password":{"a":"SECRET"',
      '{"password":["SECRET","]"] "SECRET"}',
      'x {"password":12345}',
      'x {"user":{"password":null}}',
    ]) {
      const redaction = new Redaction(['password']);
      const safe = redaction.line(Buffer.from(text)).toString();
      assert.doesNotMatch(safe, /SEC|RET|12345|null/, text);
      assert.match(safe, /\[redacted\]/, text);
      assert.deepEqual([redaction.redactedByName, redaction.withheld], [1, 0], text);
    }
  });

  it('keeps the rest where it can, and text that has no such name', () => {
    assert.equal(line(`app | ${whole}`, 'password'), `app | {"level":30,"password":${hidden},"msg":"hello"}`);
    for (const text of ['password', 'my_password=1', 'the password is wrong', '{"passwords":1', 'größe: 1']) {
      assert.equal(line(text, 'password', 'e'), text);
    }
  });

  it('goes by the last name of a path, and by one that is no name in ASCII', () => {
    const text = 'x {"authorization":"SECRET","secrets":{"a":"SECRET"},"größe":"SECRET","gr\\u00F6\\u00dFe":"SECRET"}';
    const safe = line(text, 'req.headers.authorization', 'secrets.*', 'a["größe"]');
    assert.doesNotMatch(safe, /SECRET/);
    assert.match(safe, /^x \{"authorization":"\[redacted\]",/);
    assert.doesNotMatch(line('x {"a\\"b":"SECRET","c\\/d":"SECRET"}', `['a"b']`, 'c/d'), /SECRET/);
  });

  it('withholds the line where that is of no use, counts it and tells of it once', () => {
    const redaction = new Redaction(['password']);
    const notices: string[] = [];
    redaction.onNotice(({ message }) => notices.push(message));
    for (const text of ['x {"pass\\u0077ord":"SECRET"}', '[{"p\\u0061ssword":"SECRET"}]']) {
      assert.equal(redaction.line(Buffer.from(text)).toString(), '[redacted]');
    }
    assert.equal(redaction.withheld, 2);
    assert.equal(new Redaction(['*']).line(Buffer.from('x {"a":"SECRET"}')).toString(), '[redacted]');
    assert.equal(new Redaction(['*.*']).line(Buffer.from('')).toString(), '');
    for (const _ of [1, 2]) redaction.line(Buffer.from('password=SECRET'));
    assert.deepEqual(notices, [
      'redact: a line is no JSON object, and is withheld: only [redacted] is sent of it',
      'redact: a line is no JSON object: fields are hidden in it by their names',
    ]);
  });

  it('in a line that is made of a record and whatever an attacker writes leaves no byte of the secret', () => {
    const piece = fc.oneof(
      fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', '{"password":1}', '"password":"x', '\\"', '\n', "'"),
      fc.string({ maxLength: 5 }),
    );
    const attack = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    // However often it is JSON within JSON.
    const json = fc.tuple(fc.string(), fc.nat(2)).map(([secret, depth]) => {
      let text = JSON.stringify({ password: `SECRET${secret}SECRET`, n: 1 });
      for (let level = 0; level < depth; level++) text = JSON.stringify(text);
      return text;
    });
    fc.assert(
      fc.property(attack, json, attack, (before, text, after) => {
        // Behind a word, or it could become an object whose fields have other paths.
        const safe = line(`app ${before}${text}${after}`, 'password');
        assert.doesNotMatch(safe, /SECRET/);
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes no time that grows with the square of the line', () => {
    for (const piece of ['password:', '\\"', '"password":"\\', 'password', '{"password"', ' : ']) {
      const text = piece.repeat(200_000 / piece.length);
      const started = performance.now();
      line(text, 'password', 'a.b');
      assert.ok(performance.now() - started < 2_000, piece);
    }
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

  it('finds what an object says of itself in JSON', () => {
    class User {
      readonly #password = 'SECRET';
      toJSON(): object {
        return { password: this.#password };
      }
    }
    const redaction = new Redaction(['user.password']);
    assert.deepEqual(redaction.record({ user: new User() }), { user: { password: '[redacted]' } });
    const record = { user: new Date(0) };
    assert.equal(redaction.record(record), record);
  });

  it('has a line of its own only where all of it was found there', () => {
    const redaction = new Redaction(['password', 'a.b']);
    const fields = new HiddenFields();
    redaction.record({ password: 'SEC"RET', a: { b: 2 }, c: 3 }, fields);
    const lineOf = (text: string): string | undefined => redaction.lineOf(fields, Buffer.from(text))?.toString();
    assert.equal(lineOf('{"password":1,"a":{"b":2}}'), `{"password":${hidden},"a":{"b":${hidden}}}`);
    const elsewhere = { password: 1, a: { b: 2 }, z: { password: 'SEC"RET' } };
    assert.equal(lineOf(JSON.stringify(elsewhere)), undefined);
    for (const text of [
      '{"password":1}',
      '{"password":1,"a":{"b":2}} ,',
      'x {"password":1,"a":{"b":2}}',
      '{"a":{"b":2',
    ]) {
      assert.equal(lineOf(text), undefined, text);
    }
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
