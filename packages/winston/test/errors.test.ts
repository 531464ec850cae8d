// Errors arrive whole, wherever in a record they stand and whoever writes the line; what the format wrote stays.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import winston from 'winston';
import { eventOf, eventsOf, fields, text } from './flume-logger.ts';

const { combine, timestamp, json, errors, splat, printf, simple, logstash, metadata } = winston.format;

interface Shown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly [key: string]: unknown;
}

/** One line each: what it is, the logger's format, the call, where in the record the error stands. */
const places: readonly (readonly [
  what: string,
  log: (logger: winston.Logger, error: Error) => unknown,
  at: (record: Shown) => unknown,
  format?: winston.Logform.Format,
])[] = [
  ['a field', (l, err) => l.error('x', { err }), (r) => r.err],
  ['an element', (l, err) => l.error('x', { errors: [1, err] }), (r) => (r.errors as Shown[])[1]],
  ['deep', (l, err) => l.error('x', { req: { ctx: { err } } }), (r) => (r.req as { ctx: Shown }).ctx.err],
  [
    'eight levels deep',
    (l, err) => l.error('x', { a: [{ b: { c: [{ d: { err } }] } }] }),
    (r) => (r.a as { b: { c: { d: Shown }[] } }[])[0]?.b.c[0]?.d.err,
  ],
  [
    'in an instance of a class',
    (l, err) =>
      l.error('x', {
        job: new (class Job {
          err = err;
        })(),
      }),
    (r) => (r.job as Shown).err,
  ],
  [
    "an error's own field",
    (l, err) => l.error('x', { err: Object.assign(new Error('y'), { original: err }) }),
    (r) => (r.err as Shown).original,
  ],
  [
    "an own field of an error's cause",
    (l, err) => l.error('x', { err: new Error('y', { cause: Object.assign(new Error('z'), { original: err }) }) }),
    (r) => ((r.err as Shown).cause as Shown).original,
  ],
  [
    'in an object that is a cause',
    (l, err) => l.error('x', { err: new Error('y', { cause: { failed: [err] } }) }),
    (r) => (r.err as { cause: { failed: Shown[] } }).cause.failed[0],
  ],
  ['an array as the message', (l, err) => l.error([err]), (r) => (r.message as Shown[])[0]],
  ['an array as the record', (l, err) => l.error('x', [err]), (r) => r[0]],
  ['an argument behind a text', (l, err) => l.error('x', 'y', err), (r) => r.error],
  ['an argument for a token that nobody fills', (l, err) => l.error('x %s', err), (r) => r.error],
  ['an argument behind an object', (l, err) => l.error('x', { id: 7 }, err), (r) => r.error],
  ['an argument behind a field of that name', (l, err) => l.error('x', { error: 7 }, err), (r) => r.splat],
  ['two arguments', (l, err) => l.error('x', 'y', new Error('other'), err), (r) => (r.error as Shown[])[1]],
  ['metadata()', (l, err) => l.error('x', { err }), (r) => (r.metadata as Shown).err, combine(metadata(), json())],
  ['logstash()', (l, err) => l.error('x', { err }), (r) => (r['@fields'] as Shown).err, logstash()],
  [
    'a printf of JSON',
    (l, err) => l.error('x', { err }),
    (r) => (r.meta as Shown).err,
    printf(({ level: severity, message: msg, ...meta }) => JSON.stringify({ severity, msg, meta })),
  ],
  ['a default', (l, err) => l.child({ err }).error('x'), (r) => r.err],
];

describe('an error', () => {
  for (const [what, log, at, format] of places) {
    it(`as ${what}`, async () => {
      const error = new TypeError('boom', { cause: new RangeError('inner') });
      const event = await eventOf({ logger: { ...(format && { format }) } }, ({ logger }) => void log(logger, error));
      const { name, message, stack, cause } = at(fields(event)) as Shown;
      assert.deepEqual([name, message, stack], ['TypeError', 'boom', error.stack], text(event));
      assert.equal((cause as Shown).message, 'inner');
    });
  }

  it("as the record, whatever the transport's own format", async () => {
    const rebuilt = winston.format((info) => ({ ...info }));
    for (const format of [
      combine(timestamp(), json()),
      combine(errors({ stack: true }), json()),
      combine(errors(), timestamp(), json()),
      combine(rebuilt(), json()),
      json({ space: 2 }),
    ]) {
      const error = new TypeError('boom', { cause: new RangeError('inner') });
      const record = fields(await eventOf({ transport: { format } }, ({ logger }) => logger.error(error)));
      const { level, message, stack, cause } = record;
      assert.deepEqual([level, message, stack], ['error', 'boom', error.stack]);
      assert.equal((cause as Shown).message, 'inner');
      assert.equal(Object.hasOwn(error, 'timestamp'), false);
    }
  });

  it("as the record, has its message for the transport's own format", async () => {
    const format = printf(({ level, message, stack }) => `${level} ${String(message)} ${String(stack)}`);
    const error = new TypeError('boom');
    const event = await eventOf({ transport: { format } }, ({ logger }) => logger.error(error));
    assert.equal(text(event), `error boom ${error.stack}`);
  });

  it('as an argument, where the format of the transport fills tokens from all of them', async () => {
    const other: unknown[] = [];
    const format = combine(splat(), json());
    const event = await eventOf({ transport: { format } }, ({ logger }) => {
      logger.on('data', (info: Record<symbol, unknown>) => other.push(info[Symbol.for('splat')]));
      logger.error('failed %s', 'db', new TypeError('boom'));
    });
    assert.equal(fields(event).message, 'failed db');
    assert.equal((fields(event).error as Shown).message, 'boom');
    // The list of arguments is everybody's.
    assert.equal((other[0] as unknown[]).length, 2);
  });

  it('with its inner errors, beside a message', async () => {
    const error = new AggregateError([new TypeError('one'), new Error('two')], 'several');
    const record = fields(await eventOf({}, ({ logger }) => logger.error('failed', error)));
    assert.deepEqual([record.name, record.message, record.stack], ['AggregateError', 'failed several', error.stack]);
    assert.deepEqual(
      (record.errors as Shown[]).map(({ name, message }) => [name, message]),
      [
        ['TypeError', 'one'],
        ['Error', 'two'],
      ],
    );
    assert.equal(Object.hasOwn(record, 'error'), false);
  });

  it('of another realm, a clone, and what is none by its prototype', async () => {
    const foreign = runInNewContext(
      'Object.assign(new TypeError("boom", { cause: new Error("inner") }), { code: "E" })',
    );
    const aggregate = runInNewContext('new AggregateError([new TypeError("one")], "several")');
    const clone = structuredClone(new TypeError('boom'));
    const dom = new DOMException('boom', 'TypeError');
    const pretender = Object.create({ name: 'TypeError', message: 'boom', stack: 'TypeError: boom\n at x' });
    assert.equal(foreign instanceof Error, false);
    const { events } = await eventsOf({}, ({ logger }) => {
      for (const err of [foreign, clone, dom, pretender]) logger.error('x', { err });
      logger.error('x', { err: aggregate });
      logger.error(foreign);
    });
    for (const event of events.slice(0, 4)) {
      const { name, message, stack } = fields(event).err as Shown;
      assert.deepEqual([name, message], ['TypeError', 'boom']);
      assert.match(String(stack), /^TypeError: boom\n/);
    }
    assert.equal(((fields(events[4]).err as Shown).errors as Shown[])[0]?.message, 'one');
    const { message, code, cause } = fields(events[5]);
    assert.deepEqual([message, code, (cause as Shown).message], ['boom', 'E', 'inner']);
  });

  it('that writes itself keeps what it wrote, and gets what it lacks', async () => {
    class Refusal extends Error {
      toJSON(): object {
        return { message: 'refused', status: 403 };
      }
    }
    const err = new Refusal('boom');
    const record = fields(await eventOf({}, ({ logger }) => logger.error('x', { err, list: [err] })));
    for (const shown of [record.err, (record.list as Shown[])[0]] as Shown[]) {
      assert.deepEqual([shown.message, shown.status, shown.stack], ['refused', 403, err.stack]);
    }
  });

  it('of which something is hidden keeps its stack', async () => {
    const err = Object.assign(new TypeError('boom'), { password: 'SECRET' });
    const { events } = await eventsOf({ transport: { redact: ['err.password', 'password'] } }, ({ logger }) => {
      logger.error('x', { err });
      logger.error(err);
    });
    const [field, itself] = events.map(fields) as [Shown, Shown];
    for (const shown of [field.err as Shown, itself]) {
      assert.deepEqual([shown.name, shown.stack, shown.password], ['TypeError', err.stack, '[redacted]']);
    }
  });

  it('as a header is its name and message', async () => {
    const headerFields = { error: 'err', kind: 'err.name', why: 'err.cause.message', first: 'list.0' };
    const err = new TypeError('boom', { cause: new Error('inner') });
    const event = await eventOf({ transport: { preset: 'none', headerFields } }, ({ logger }) =>
      logger.error('x', { err, list: [runInNewContext('new RangeError("far")')] }),
    );
    assert.deepEqual(event.headers, {
      error: 'TypeError: boom',
      kind: 'TypeError',
      why: 'inner',
      first: 'RangeError: far',
    });
  });

  it('in text: below it, with all its causes, once', async () => {
    const inner = new RangeError('inner');
    const error = new TypeError('boom', { cause: inner });
    const aggregate = new AggregateError([error, new Error('two')], 'several');
    const body = async (format: winston.Logform.Format, log: (logger: winston.Logger) => void): Promise<string> =>
      text(await eventOf({ logger: { format } }, ({ logger }) => log(logger)));
    const plain = printf(({ message }) => String(message));
    const below = `${error.stack}\nCaused by: ${inner.stack}`;
    assert.equal(await body(plain, (l) => l.error('x', { a: [{ error }] })), `x\n${below}`);
    assert.equal(await body(plain, (l) => l.error('x', error)), `x boom\n${below}`);
    assert.equal(await body(plain, (l) => l.error('x', 'y', error)), `x\n${below}`);
    const whole = await body(plain, (l) => l.error('x', aggregate));
    for (const { stack } of [aggregate, error, inner]) assert.equal(whole.split(stack as string).length, 2, whole);
    // winston has put its stack into the record, and simple() shows that; of the cause it shows {}.
    const shown = await body(simple(), (l) => l.error('x', error));
    assert.equal(shown.split('TypeError: boom').length, 2, shown);
    assert.match(shown, /\nCaused by: RangeError: inner\n/);
  });
});

describe('what the format wrote', () => {
  it('stays byte for byte, with the fields of errors put in', async () => {
    const err = Object.assign(new Error('boom'), { code: 'E1', stack: 'S' });
    const lines: readonly (readonly [written: string, sent: string])[] = [
      [
        '{"n":12345678901234567890,"f":1.0,"e":1e400,"err":{"code":"E1"}}',
        '{"n":12345678901234567890,"f":1.0,"e":1e400,"err":{"code":"E1","name":"Error","message":"boom","stack":"S"}}',
      ],
      [
        '{ "err" : { } , "z": "\\u00e9\\/" }',
        '{ "err" : {"name":"Error","message":"boom","stack":"S","code":"E1" } , "z": "\\u00e9\\/" }',
      ],
      [
        '{\n  "err": {\n    "code": "E1"\n  }\n}',
        '{\n  "err": {\n    "code": "E1","name":"Error","message":"boom","stack":"S"\n  }\n}',
      ],
      [
        '{"a":"}\\"{","err":{"code":"]\\\\"},"b":[]}',
        '{"a":"}\\"{","err":{"code":"]\\\\","name":"Error","message":"boom","stack":"S"},"b":[]}',
      ],
      // Left out, or written in another way: not for us to say.
      ['{"n":1}', '{"n":1}'],
      ['{"n":1,"err":"hidden"}', '{"n":1,"err":"hidden"}'],
      ['{"n":1,"err":[]}', '{"n":1,"err":[]}'],
      ['{"err":null}', '{"err":null}'],
      ['{"\\u0065rr":{"code":1}}', '{"\\u0065rr":{"code":1,"name":"Error","message":"boom","stack":"S"}}'],
    ];
    for (const [written, sent] of lines) {
      const format = printf(() => written);
      assert.equal(text(await eventOf({ logger: { format } }, ({ logger }) => logger.error('x', { err }))), sent);
    }
  });

  it('stays where an error is the record itself', async () => {
    const format = printf(() => '{ "n": 12345678901234567890 }');
    const error = Object.assign(new Error('boom'), { stack: 'S' });
    const event = await eventOf({ logger: { format } }, ({ logger }) => logger.error(error));
    assert.equal(text(event), '{ "n": 12345678901234567890,"name":"Error","message":"boom","stack":"S" }');
  });
});
