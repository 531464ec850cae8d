// What a call of the logger becomes in Flume.

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import winston from 'winston';
import { eventOf, eventsOf, fields, text } from './flume-logger.ts';

const { combine, timestamp, simple, printf, json, errors, splat, label, metadata, colorize, prettyPrint, logstash } =
  winston.format;
const failure = (): Error => Object.assign(new Error('boom', { cause: new TypeError('inner') }), { code: 'E1' });

describe('the body', () => {
  it("is the line of the logger's format", async () => {
    const event = await eventOf({}, ({ logger }) => logger.info('hello', { n: 1 }));
    assert.equal(text(event), '{"level":"info","message":"hello","n":1}');
    const simpleEvent = await eventOf({ logger: { format: simple() } }, ({ logger }) => logger.info('hello', { n: 1 }));
    assert.equal(text(simpleEvent), 'info: hello {"n":1}');
  });

  it("is the line of the transport's own format where it has one", async () => {
    const format = printf(({ message }) => `[${String(message)}]`);
    assert.equal(text(await eventOf({ transport: { format } }, ({ logger }) => logger.info('a'))), '[a]');
  });

  it('is JSON of our own where the format has no finalizer', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const event = await eventOf({ logger: { format: label({ label: 'l' }) } }, ({ logger }) =>
      logger.info('a', { big: 10n, circle, when: new Date(0), map: new Map(), no: undefined, nan: Number.NaN }),
    );
    assert.deepEqual(fields(event), {
      level: 'info',
      message: 'a',
      label: 'l',
      big: '10',
      circle: { self: '[Circular]' },
      when: '1970-01-01T00:00:00.000Z',
      map: {},
      nan: null,
    });
  });

  it('loses one line end, as of morgan', async () => {
    const { events } = await eventsOf({ logger: { format: simple() } }, ({ logger }) => {
      logger.http('GET /\n');
      logger.http('GET /\r\n');
      logger.http('GET /\n\n');
    });
    assert.deepEqual(events.map(text), ['http: GET /', 'http: GET /', 'http: GET /\n']);
    const message = await eventOf({ transport: { body: 'message' } }, ({ logger }) => logger.http('GET /\n'));
    assert.equal(text(message), 'GET /');
  });

  it('is the message alone, or the line where there is none', async () => {
    const { events } = await eventsOf({ transport: { body: 'message' } }, ({ logger }) => {
      logger.info('plain', { n: 1 });
      logger.info(undefined as never);
      logger.info(null as never);
      logger.info({ message: { a: 1 } } as never);
      logger.info({ message: 5 } as never);
      logger.error(failure());
      logger.log({ level: 'error', message: failure() } as never);
    });
    assert.deepEqual(events.map(text), [
      'plain',
      '{"level":"info"}',
      '{"level":"info","message":null}',
      '{"a":1}',
      '5',
      'boom',
      'boom',
    ]);
  });

  it('is the message as text, whatever it is', async () => {
    const values: readonly (readonly [unknown, string])[] = [
      [5, '5'],
      [10n, '10'],
      [true, 'true'],
      [new Date(0), '1970-01-01T00:00:00.000Z'],
      [new Date(Number.NaN), 'Invalid Date'],
      [['a', 1n], '["a","1"]'],
      ['\u001b[32mgreen\u001b[39m', 'green'],
    ];
    const { events } = await eventsOf({ transport: { body: 'message' } }, ({ logger }) => {
      for (const [message] of values) logger.log({ level: 'info', message } as never);
    });
    assert.deepEqual(
      events.map(text),
      values.map(([, expected]) => expected),
    );
    const id = await eventOf({ transport: { body: 'id' } }, ({ logger }) => logger.info('a', { id: 10n }));
    assert.equal(text(id), '10');
  });

  it('has no colours, in text and in JSON', async () => {
    const coloured = colorize({ all: true });
    const formats: readonly (readonly [winston.Logform.Format, string])[] = [
      [combine(coloured, json()), '{"level":"info","message":"a b \\\\u001b[1m"}'],
      [combine(coloured, simple()), 'info: a b \\u001b[1m'],
      [
        combine(
          coloured,
          printf((info) => JSON.stringify({ info }).replaceAll('u001b', 'u001B')),
        ),
        '{"info":{"message":"a b \\\\u001B[1m","level":"info"}}',
      ],
      [combine(coloured, label({ label: 'l' })), '{"message":"a b \\\\u001b[1m","level":"info","label":"l"}'],
    ];
    for (const [format, expected] of formats) {
      // The last is no colour but a text that speaks of one.
      const event = await eventOf({ logger: { format } }, ({ logger }) =>
        logger.info('a \u001b[38;2;1;2;3mb\u001b[0m \\u001b[1m'),
      );
      assert.equal(text(event), expected);
    }
  });

  it('is what stands at a path, or the line where nothing does', async () => {
    const { events } = await eventsOf({ transport: { body: 'req.raw' } }, ({ logger }) => {
      logger.info('a', { req: { raw: 'text\n' } });
      logger.info('a', { req: { raw: Buffer.from([1, 2]) } });
      logger.info('a', { req: { raw: { b: 1n } } });
      logger.info('a', { req: { raw: new Error('boom') } });
      logger.info('a', { req: null });
    });
    assert.deepEqual(events.slice(0, 3).map(text), ['text\n', '\u0001\u0002', '{"b":"1"}']);
    assert.equal(fields(events[3]).message, 'boom');
    assert.equal(text(events[4]), '{"level":"info","message":"a","req":null}');
  });

  it('is taken at once: the same object logged twice is two records', async () => {
    const info = { level: 'info', message: 'first' };
    const { events } = await eventsOf({}, ({ logger }) => {
      logger.log(info);
      info.level = 'warn';
      info.message = 'second';
      logger.log(info);
    });
    assert.deepEqual(events.map(fields), [
      { level: 'info', message: 'first' },
      { level: 'warn', message: 'second' },
    ]);
  });
});

describe("winston's records", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const calls: readonly (readonly [string, (logger: winston.Logger) => unknown, Record<string, unknown>])[] = [
    ['two messages', (l) => l.info('hello', { message: 'world' }), { message: 'hello world' }],
    ['splat without its format', (l) => l.info('hello %s', 'bob'), { message: 'hello %s' }],
    ['an array', (l) => l.info('a', ['x', 'y']), { message: 'a', 0: 'x', 1: 'y' }],
    ['undefined', (l) => l.info(undefined as never), {}],
    ['null', (l) => l.info(null as never), { message: null }],
    ['an object', (l) => l.info({ a: 1 }), { message: { a: 1 } }],
    ['an object that is the record', (l) => l.log({ level: 'info', a: 1 } as never), { a: 1 }],
    ['an object as message', (l) => l.log('info', { message: { a: 1 } } as never), { message: { a: 1 } }],
    ['bigint', (l) => l.info('a', { n: 1n }), { message: 'a', n: '1' }],
    ['a circle', (l) => l.info('a', { circle }), { message: 'a', circle: ['[Circular]'] }],
    ['a Buffer', (l) => l.info('a', { b: Buffer.from('A') }), { message: 'a', b: { type: 'Buffer', data: [65] } }],
    ['a child', (l) => l.child({ logger: 'db' }).info('a'), { message: 'a', logger: 'db' }],
    ['profile()', (l) => l.profile('p').profile('p', { durationMs: 0, message: 'p' }), { message: 'p', durationMs: 0 }],
    [
      'nest-winston',
      (l) => l.error({ message: 'a', context: 'Cats', stack: ['at x'] } as never),
      { level: 'error', message: 'a', context: 'Cats', stack: ['at x'] },
    ],
  ];
  for (const [name, call, expected] of calls) {
    it(name, async () => {
      const record = fields(await eventOf({}, ({ logger }) => void call(logger)));
      if ('durationMs' in expected) record.durationMs = 0;
      assert.deepEqual(record, { level: 'info', ...expected });
    });
  }

  it('splat with its format', async () => {
    const logger = { format: combine(splat(), json()) };
    assert.equal(fields(await eventOf({ logger }, ({ logger: l }) => l.info('hello %s', 'bob'))).message, 'hello bob');
  });
});

describe('errors', () => {
  const formats: readonly (readonly [string, winston.Logform.Format])[] = [
    ['the default format', json()],
    ['errors() and json()', combine(errors({ stack: true, cause: true }), json())],
    ['no finalizer', timestamp()],
    ['a format with spaces', json({ space: 2 })],
  ];
  for (const [name, format] of formats) {
    it(`as the record itself, with ${name}`, async () => {
      const record = fields(await eventOf({ logger: { format } }, ({ logger }) => logger.error(failure())));
      assert.equal(record.level, 'error');
      assert.equal(record.message, 'boom');
      assert.equal(record.code, 'E1');
      assert.match(String(record.stack), /^Error: boom\n +at /);
      const { name: causeName, message, stack } = record.cause as Record<string, unknown>;
      assert.deepEqual([causeName, message], ['TypeError', 'inner']);
      assert.match(String(stack), /^TypeError: inner\n/);
    });

    it(`as a field, with ${name}`, async () => {
      const err = failure();
      const record = fields(await eventOf({ logger: { format } }, ({ logger }) => logger.error('failed', { err })));
      assert.equal(record.message, 'failed');
      const { name: errorName, message, code, stack, cause } = record.err as Record<string, unknown>;
      assert.deepEqual([errorName, message, code, stack], ['Error', 'boom', 'E1', err.stack]);
      assert.equal((cause as Error).message, 'inner');
    });
  }

  it('beside a message', async () => {
    const record = fields(await eventOf({}, ({ logger }) => logger.error('failed', failure())));
    assert.equal(record.message, 'failed boom');
    assert.equal((record.cause as Error).message, 'inner');
  });

  it('as the message', async () => {
    const record = fields(
      await eventOf({}, ({ logger }) => logger.log({ level: 'error', message: failure() } as never)),
    );
    assert.equal(record.message, 'boom');
    assert.equal(record.name, 'Error');
    assert.match(String(record.stack), /^Error: boom\n/);
  });

  it('in an object in the record, as of format.metadata()', async () => {
    const format = combine(metadata(), json());
    const record = fields(
      await eventOf({ logger: { format } }, ({ logger }) => logger.error('a', { err: failure(), n: 1 })),
    );
    const { err, n } = record.metadata as { err: Error; n: number };
    assert.deepEqual([err.message, n], ['boom', 1]);
  });

  it('with five causes at most, and around a circle', async () => {
    let long = new Error('0');
    for (let depth = 1; depth < 10; depth++) long = new Error(String(depth), { cause: long });
    const circular = new Error('circular');
    circular.cause = new Error('other', { cause: circular });
    const { events } = await eventsOf({}, ({ logger }) => {
      logger.error('a', { err: long });
      logger.error('a', { err: circular });
    });
    const messages: unknown[] = [];
    for (let at = fields(events[0]).err as Error; at !== undefined; at = at.cause as Error)
      messages.push(at.message ?? at);
    assert.deepEqual(messages, ['9', '8', '7', '6', '5', 'Error: 4']);
    assert.match(text(events[1]), /other/);
  });

  it('in an AggregateError', async () => {
    const error = new AggregateError([new Error('one'), 'two'], 'several');
    const record = fields(await eventOf({}, ({ logger }) => logger.error('a', { error })));
    const [one, two] = (record.error as AggregateError).errors as [Error, string];
    assert.deepEqual([one.message, two], ['one', 'two']);
  });

  it('a format that hides something keeps its word', async () => {
    const secret = Object.assign(new Error('boom'), { config: 'secret' });
    const replacer = (key: string, value: unknown): unknown =>
      key === 'password' ? '***' : key === 'config' || key === 'gone' ? undefined : key === 'masked' ? '***' : value;
    const event = await eventOf({ logger: { format: json({ replacer: replacer as never }) } }, ({ logger }) =>
      logger.error('a', { password: 'p', err: secret, gone: new Error('gone'), masked: new Error('masked') }),
    );
    const record = fields(event);
    assert.equal((record.err as Error).message, 'boom');
    assert.deepEqual(Object.keys(record).sort(), ['err', 'level', 'masked', 'message', 'password']);
    assert.doesNotMatch(text(event), /secret|"p"|masked"?:? ?\{/);
  });

  it('a format that writes an error in its own way keeps its word', async () => {
    const replacer = (_key: string, value: unknown): unknown =>
      value instanceof Error ? { message: 'hidden', stack: null } : value;
    const { events } = await eventsOf({ logger: { format: json({ replacer: replacer as never }) } }, ({ logger }) =>
      logger.error('a', { err: failure() }),
    );
    const { message, stack, code } = fields(events[0]).err as Record<string, unknown>;
    assert.deepEqual([message, stack, code], ['hidden', null, 'E1']);
    const noMessage = printf(() => '{"m":1}');
    const error = await eventOf({ logger: { format: noMessage } }, ({ logger }) =>
      logger.log({ level: 'error', message: failure() } as never),
    );
    assert.equal(text(error), '{"m":1}');
  });

  it('fields of a cause, which winston never shows, are not shown', async () => {
    const cause = Object.assign(new Error('401'), { config: { authorization: 'secret' } });
    const event = await eventOf({}, ({ logger }) => logger.error('a', { err: new Error('boom', { cause }) }));
    assert.match(text(event), /401/);
    assert.doesNotMatch(text(event), /secret/);
  });

  it('follow a line of text as their stack with its causes, unless it is there', async () => {
    const { stack, error } = {
      error: failure(),
      get stack() {
        return this.error.stack as string;
      },
    };
    const body = async (format: winston.Logform.Format, log: (logger: winston.Logger) => void): Promise<string> =>
      text(await eventOf({ logger: { format } }, ({ logger }) => log(logger)));
    const causeStack = (error.cause as Error).stack as string;

    const plain = printf(({ level, message }) => `${level}: ${String(message)}`);
    assert.equal(
      await body(plain, (l) => l.error('failed', { err: error })),
      `error: failed\n${stack}\nCaused by: ${causeStack}`,
    );
    assert.match(await body(simple(), (l) => l.error(failure())), /^error: boom \{"code":"E1"\}\nError: boom\n +at /);
    const whole = printf(({ message, stack: shown }) => `${String(message)} ${String(shown)}`);
    assert.equal(await body(whole, (l) => l.error(error)), `boom ${stack}\nCaused by: ${causeStack}`);
    assert.equal((await body(prettyPrint(), (l) => l.error('a', { err: error }))).split('Error: boom\n').length, 2);
  });
});

describe('the headers', () => {
  const headersOf = async (...[options, log]: Parameters<typeof eventOf>): Promise<Record<string, string>> =>
    (await eventOf(options, log)).headers;

  it('timestamp, host and level', async () => {
    const before = Date.now();
    const { timestamp: time, ...rest } = await headersOf({}, ({ logger }) => logger.warn('a'));
    assert.ok(Number(time) >= before && Number(time) <= Date.now());
    assert.deepEqual(rest, { host: hostname(), level: 'warn' });
  });

  it("the record's own time, where it is one", async () => {
    const times: readonly (readonly [unknown, number | undefined])[] = [
      ['2026-01-02T03:04:05.678Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
      ['2026-01-02 03:04:05', new Date(2026, 0, 2, 3, 4, 5).getTime()],
      [new Date(5), undefined],
      [new Date(1_700_000_000_000), 1_700_000_000_000],
      [1_700_000_000_000.5, 1_700_000_000_000],
      ['12:30', undefined],
      ['1700000000', 1_700_000_000_000],
      [{ toJSON: () => '2026-01-02T03:04:05.678Z' }, Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
      [new Date(Number.NaN), undefined],
      [{}, undefined],
    ];
    const before = Date.now();
    const { events } = await eventsOf({}, ({ logger }) => {
      for (const [time] of times) logger.info('a', { timestamp: time });
    });
    for (const [index, [time, expected]] of times.entries()) {
      const sent = Number(events[index]?.headers.timestamp);
      assert.ok(
        expected === undefined ? sent >= before && sent <= Date.now() : sent === expected,
        `${String(time)}: ${sent}`,
      );
    }
  });

  it('the level without its colour', async () => {
    const logger = { format: combine(colorize({ all: true }), simple()) };
    assert.equal((await headersOf({ logger }, ({ logger: l }) => l.info('a'))).level, 'info');
    const direct = await headersOf({}, ({ transport }) => transport.log({ level: '\u001b[32minfo\u001b[39m' }));
    assert.equal(direct.level, 'info');
  });

  it("the logger's name: logger, label, context", async () => {
    const name = async (meta: object, format = json()): Promise<string | undefined> =>
      (await headersOf({ logger: { format } }, ({ logger }) => logger.info('a', meta))).logger;
    assert.equal(await name({ logger: 'l', label: 'x', context: 'c' }), 'l');
    assert.equal(await name({ context: 'c' }, combine(label({ label: 'x' }), json())), 'x');
    assert.equal(await name({ context: 'Cats' }), 'Cats');
    assert.equal(await name({ context: { not: 'a name' }, label: '' }), undefined);
  });

  it('those of the options, over which static ones win', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const {
      host,
      timestamp: time,
      ...headers
    } = await headersOf(
      {
        transport: {
          headers: { app: 'checkout', fixed: 'static' },
          headerFields: {
            id: 'req.id',
            level: 'n',
            json: 'req',
            none: 'nothing',
            circle: 'circle',
            fixed: 'n',
            when: 'when',
          },
        },
      },
      ({ logger }) => logger.info('a', { req: { id: 'r1' }, n: 5, circle, when: new Date(0) }),
    );
    assert.deepEqual(headers, {
      app: 'checkout',
      fixed: 'static',
      id: 'r1',
      level: '5',
      json: '{"id":"r1"}',
      when: '1970-01-01T00:00:00.000Z',
    });
    assert.ok(host && time);
  });

  it('of the other presets', async () => {
    const log4j = await headersOf({ transport: { preset: 'log4j' } }, ({ logger }) =>
      logger.error('a', { logger: 'x' }),
    );
    assert.equal(log4j['flume.client.log4j.log.level'], '40000');
    assert.equal(log4j['flume.client.log4j.logger.name'], 'x');
    assert.equal(log4j['flume.client.log4j.message.encoding'], 'UTF8');
    const log4j2 = await headersOf({ transport: { preset: 'log4j2' } }, ({ logger }) => logger.error('a'));
    assert.deepEqual(Object.keys(log4j2).sort(), ['guId', 'timeStamp']);
    assert.deepEqual(await headersOf({ transport: { preset: 'none' } }, ({ logger }) => logger.error('a')), {});
  });

  it('an id where asked for', async () => {
    const { events } = await eventsOf({ transport: { preset: 'none', eventId: true } }, ({ logger }) => {
      logger.info('a');
      logger.info('b');
    });
    const [a, b] = events.map(({ headers }) => headers.id);
    assert.match(String(a), /^[0-9a-f-]{36}$/);
    assert.notEqual(a, b);
  });
});

describe('map', () => {
  it('adds headers, replaces the body, or neither', async () => {
    const map = (info: { message: string }): object =>
      ({
        a: { headers: { level: 'mapped', host: 'h', app: 'lost', x: '1' }, body: 'text' },
        b: { body: new Uint8Array([66]) },
        c: {},
      })[info.message] as object;
    const { events } = await eventsOf({ transport: { map, headers: { app: 'static' } } }, ({ logger }) => {
      for (const message of ['a', 'b', 'c']) logger.info(message);
    });
    const { timestamp: time, ...headers } = events[0]?.headers ?? {};
    assert.deepEqual(headers, { level: 'mapped', host: 'h', app: 'static', x: '1' });
    assert.ok(time);
    assert.deepEqual(events.map(text), ['text', 'B', '{"level":"info","message":"c"}']);
    assert.equal(events[2]?.headers.host, hostname());
  });

  it('filters by null, counted apart', async () => {
    const { events, transport } = await eventsOf(
      { transport: { map: ({ message }) => (message === 'no' ? null : {}) } },
      ({ logger }) => {
        logger.info('no');
        logger.info('yes');
      },
    );
    assert.equal(events.length, 1);
    const { accepted, filtered, mapFailures } = transport.stats();
    assert.deepEqual({ accepted, filtered, mapFailures }, { accepted: 1, filtered: 1, mapFailures: 0 });
  });

  it('is done without where it fails, counted, with one warning', async () => {
    const results: readonly (() => unknown)[] = [
      () => {
        throw new Error('no map today');
      },
      () => undefined,
      () => 'text',
      async () => ({ body: 'late' }),
      () => ({ headers: { n: 1 } }),
      () => ({ headers: 'a=b' }),
      () => ({ body: 5 }),
    ];
    const warnings: Error[] = [];
    const { events, transport } = await eventsOf(
      { transport: { map: ({ n }) => results[n]?.() as never } },
      ({ logger, transport: own }) => {
        own.on('warn', (error) => warnings.push(error));
        results.forEach((_result, n) => logger.info('a', { n }));
      },
    );
    assert.deepEqual(
      events.map(fields),
      results.map((_result, n) => ({ level: 'info', message: 'a', n })),
    );
    assert.equal(transport.stats().mapFailures, results.length);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['flume: map failed, records are sent without it: no map today'],
    );
  });
});

describe('hostile records', () => {
  const thrower = {
    get: (): never => {
      throw new Error('get');
    },
  };
  const proxy = new Proxy(
    {},
    { get: thrower.get, ownKeys: thrower.get, getPrototypeOf: thrower.get, has: thrower.get },
  );
  const error = new Error('boom');
  Object.defineProperty(error, 'stack', thrower);
  Object.defineProperty(error, 'cause', thrower);
  const records: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /null/],
    ['null', null, /null/],
    ['text', 'text', /"text"/],
    ['a number', 5, /5/],
    ['a symbol', Symbol('s'), /null|unreadable/],
    ['a function', () => {}, /null/],
    ['a proxy', proxy, /unreadable/],
    [
      'a revoked proxy',
      (() => {
        const { proxy: gone, revoke } = Proxy.revocable({}, {});
        revoke();
        return gone;
      })(),
      /unreadable/,
    ],
    ['a getter', Object.defineProperty({ message: 'kept' }, 'bad', { enumerable: true, get: thrower.get }), /kept/],
    ['toJSON', { message: 'kept', bad: { toJSON: thrower.get } }, /"message":"kept","bad":"\[unreadable\]"/],
    ['a field that is a proxy', { message: 'kept', proxy }, /kept/],
    [
      'an error that cannot be read',
      { [Symbol.for('message')]: '{"err":{}}', err: error },
      /^\{"err":\{"name":"Error","message":"boom"\}\}$/,
    ],
    ['no prototype', Object.assign(Object.create(null), { level: 'info', message: 'kept' }), /kept/],
    ['level and message that are no text', { level: 5, message: Symbol('s'), [Symbol.for('level')]: {} }, /5/],
    ['keys of Object.prototype', JSON.parse('{"__proto__":"p","hasOwnProperty":"h","message":"kept"}'), /kept/],
    ['a lone surrogate', { message: 'kept \ud800' }, /kept/],
  ];
  for (const [name, info, body] of records) {
    for (const options of [{}, { body: 'message' }, { body: 'a.b', headerFields: { a: 'bad.a', p: 'proxy.x' } }]) {
      it(`${name}, with ${JSON.stringify(options)}`, async () => {
        let calls = 0;
        const event = await eventOf({ transport: options }, ({ transport }) => {
          assert.equal(
            transport.log(info, () => calls++),
            true,
          );
          assert.equal(calls, 1);
        });
        if (options.body === undefined) assert.match(text(event), body);
      });
    }
  }

  it('logstash lines are left as they are', async () => {
    const event = await eventOf({ logger: { format: logstash() } }, ({ logger }) => logger.error('a', { err: error }));
    assert.equal(fields(event)['@message'], 'a');
  });
});

describe('a context', () => {
  it('becomes headers: from an AsyncLocalStorage, or from the record', async () => {
    const store = new AsyncLocalStorage<unknown>();
    const inStore = await eventOf({ transport: { preset: 'none', context: { store, prefix: 'ctx.' } } }, ({ logger }) =>
      store.run({ tenant: 'a' }, () => logger.info('x')),
    );
    assert.deepEqual(inStore.headers, { 'ctx.tenant': 'a' });
    // winston copies its defaultMeta for each record, in the context of the call.
    const defaultMeta = {
      get ctx(): unknown {
        return store.getStore();
      },
    };
    const { events, transport } = await eventsOf(
      { logger: { defaultMeta }, transport: { preset: 'none', context: { path: 'ctx', required: ['tenant'] } } },
      ({ logger, transport: flume }) => {
        flume.on('warn', () => {});
        store.run({ tenant: 'b' }, () => logger.info('x'));
        logger.info('x');
      },
    );
    assert.deepEqual(
      events.map(({ headers }) => headers),
      [{ tenant: 'b' }, {}],
    );
    assert.equal(transport.stats().contextMissing, 1);
  });

  it('is the record itself by the path ".": all its plain fields but winston\'s own', async () => {
    const meta = { tenant: 'acme', n: 7, ok: true, req: { id: 1 }, topic: 'orders', none: null, stack: 'S' };
    const { events } = await eventsOf({ transport: { context: { path: '.', exclude: ['ok'] } } }, ({ logger }) => {
      logger.info('x', meta);
      logger.error(Object.assign(new Error('boom'), { code: 'E1' }));
    });
    const { timestamp: _time, ...headers } = events[0]?.headers ?? {};
    assert.deepEqual(headers, { host: hostname(), level: 'info', tenant: 'acme', n: '7' });
    assert.equal(events[1]?.headers.code, 'E1');
    const own = await eventOf(
      { transport: { preset: 'none', context: { path: '.', include: ['message', 'req'], prefix: 'm.' } } },
      ({ logger }) => logger.info('x', meta),
    );
    assert.deepEqual(own.headers, { 'm.message': 'x', 'm.req': '{"id":1}' });
  });

  it('of a trace becomes headers where it is asked for', async () => {
    const trace = { trace_id: '0af7', span_id: 'b7ad', trace_flags: '01' };
    const event = await eventOf({ transport: { preset: 'none', traceContext: true } }, ({ logger }) =>
      logger.info('x', trace),
    );
    assert.deepEqual(event.headers, trace);
  });
});

describe('what is to be hidden', () => {
  const redact = ['user.password', 'err.stack', 'text'];
  const meta = { user: { password: 'secret', id: 7 } };

  it('is hidden in headers and body, and stays in the record', async () => {
    const event = await eventOf({ transport: { redact, headerFields: { p: 'user.password' } } }, ({ logger }) =>
      logger.info('hello', meta),
    );
    assert.deepEqual(fields(event), { level: 'info', message: 'hello', user: { password: '[redacted]', id: 7 } });
    assert.equal(event.headers.p, '[redacted]');
    assert.equal(meta.user.password, 'secret');
  });

  it('is hidden for map', async () => {
    const map = ({ user }: { user: { password: string } }): { body: string } => ({ body: user.password });
    assert.equal(
      text(await eventOf({ transport: { redact, map } }, ({ logger }) => logger.info('x', meta))),
      '[redacted]',
    );
  });

  it('is hidden where the format writes text, or elsewhere: the body is JSON then', async () => {
    for (const format of [simple(), prettyPrint(), logstash(), printf(({ user }) => JSON.stringify([user]))]) {
      const { events } = await eventsOf({ logger: { format }, transport: { redact } }, ({ logger }) => {
        logger.info('hello', meta);
        logger.info('hello', { user: { id: 7 } });
      });
      assert.deepEqual(
        events.map(text).filter((body) => body.includes('secret')),
        [],
      );
      assert.match(text(events[0]), /"id":7/);
      assert.match(text(events[1]), /7/);
    }
  });

  it('is hidden where the message has what looks like it', async () => {
    const attack = '{"password":1}';
    const formats = [
      json(),
      simple(),
      printf(({ message, level: _level, ...rest }) => `${String(message)} ${JSON.stringify(rest)}`),
      printf(({ message, ...rest }) => `${String(message)}${JSON.stringify(rest)}`),
      printf(({ message, password }) => `{"password":1,"x":"${String(message).length}","y":"${String(password)}"`),
      printf(({ user }) => JSON.stringify({ level: 'info', who: user })),
      printf(({ message, ...rest }) => `{"password":1,"z":${JSON.stringify(rest)},"m":"${String(message).length}"}`),
    ];
    for (const format of formats) {
      const logger = { format };
      const { events, transport } = await eventsOf({ logger, transport: { redact: ['password'] } }, ({ logger }) => {
        logger.info(attack, { password: 'SECRET' });
        logger.info({ message: attack, password: { a: 'SECRET' }, user: 7 });
      });
      assert.deepEqual([events.length, transport.stats().withheld], [2, 0]);
      for (const event of events) assert.doesNotMatch(text(event), /SECRET/);
    }
  });

  it('is hidden in an error that the line has lost', async () => {
    for (const format of [json(), simple()]) {
      const event = await eventOf({ logger: { format }, transport: { redact } }, ({ logger }) =>
        logger.error('x', { err: failure() }),
      );
      const { err } = fields(event) as { err: { message: string; stack: string } };
      assert.equal(err.stack, '[redacted]');
      assert.equal(err.message, 'boom');
    }
  });
});
