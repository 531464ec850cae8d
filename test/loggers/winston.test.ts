// winston with what its users put around it: what arrives, headers and body.

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { type Arrival, arrivals, fields, only } from './arrivals.ts';

const host = hostname();

/** But for the time, which is checked. */
function headersOf({ headers: { timestamp, ...headers } }: Arrival): Record<string, string> {
  assert.match(timestamp ?? '', /^\d{13}$/);
  return headers;
}

interface Shown {
  readonly [key: string]: unknown;
}

function assertWhole(error: unknown, name: string, message: string): void {
  const shown = error as Shown;
  assert.deepEqual([shown.name, shown.message], [name, message]);
  assert.match(String(shown.stack), new RegExp(`^${name}: ${message}\n +at `));
}

describe('winston', { concurrency: 2 }, () => {
  it('child loggers: the fields of all, the name as header', async () => {
    const event = only(await arrivals('winston/child.mjs'));
    assert.deepEqual(headersOf(event), { host, level: 'info', logger: 'orders' });
    const expected = { level: 'info', message: 'placed', service: 'shop', logger: 'orders', requestId: 'r-2', id: 7 };
    assert.deepEqual(fields(event), expected);
  });

  it('custom levels', async () => {
    const events = await arrivals('winston/custom-levels.mjs');
    assert.deepEqual(events.map(headersOf), [
      { host, level: 'fatal' },
      { host, level: 'notice' },
    ]);
    assert.deepEqual(
      events.map((event) => fields(event).message),
      ['a', 'b'],
    );
  });

  it('a level that is none: sent, and told', async () => {
    const stderr = /Unknown logger level: fatal[^]*a record's level 'fatal' is none of the logger's, it is sent/;
    const event = only(await arrivals('winston/unknown-level.mjs', { stderr }));
    assert.deepEqual(headersOf(event), { host, level: 'fatal' });
  });

  const jsonFormats: readonly (readonly [string, (record: Shown) => unknown])[] = [
    ['timestamp, json', (record) => record.err],
    ['errors, json', (record) => record.err],
    ['metadata, json', (record) => (record.metadata as Shown).err],
    ['logstash', (record) => (record['@fields'] as Shown).err],
    ['none', (record) => record.err],
  ];
  const textFormats: readonly (readonly [string, RegExp])[] = [
    ['label, simple', /^error: failed \{"err":\{"code":"E1"\},"label":"shop"\}\n/],
    ['ms, printf', /^\[error\] failed E1\n/],
    ['cli, uncolorize', /^error: +failed/],
  ];
  for (const where of ['logger', 'transport']) {
    for (const [format, at] of jsonFormats) {
      it(`${format} of the ${where}: the error whole`, async () => {
        const event = only(await arrivals('winston/formats.mjs', { args: [format, where] }));
        assert.deepEqual(headersOf(event), { host, level: 'error' });
        const error = at(fields(event)) as Shown;
        assertWhole(error, 'TypeError', 'boom');
        assertWhole(error.cause, 'Error', 'inner');
        assert.equal(error.code, 'E1');
      });
    }
    for (const [format, line] of textFormats) {
      it(`${format} of the ${where}: the stacks below the line`, async () => {
        const event = only(await arrivals('winston/formats.mjs', { args: [format, where] }));
        const name = format.startsWith('label') ? { logger: 'shop' } : {};
        assert.deepEqual(headersOf(event), { host, level: 'error', ...name });
        assert.match(event.body, line);
        assert.match(event.body, /\nTypeError: boom\n +at [^]*\nCaused by: Error: inner\n +at /);
      });
    }
  }

  it("redaction, the format's and the transport's", async () => {
    const event = only(await arrivals('winston/redaction.mjs'));
    assert.deepEqual(headersOf(event), { host, level: 'info', password: '[redacted]', user: 'ann' });
    assert.doesNotMatch(event.body, /PASSWORD|TOKEN|SECRET/);
    assert.deepEqual(fields(event), {
      level: 'info',
      message: 'signed in',
      user: { name: 'ann', password: '[redacted]' },
      token: '***',
      pay: { secret: '[redacted]' },
    });
  });

  it('splat, with its format and without', async () => {
    const events = await arrivals('winston/splat.mjs');
    const [filled, unfilled] = ['ann', 'tokens'].map((word) => events.find(({ body }) => body.includes(word)));
    assert.deepEqual(fields(filled as Arrival), { level: 'info', message: 'ann bought 7', tenant: 'acme' });
    assertWhole(fields(unfilled as Arrival).error, 'RangeError', 'boom');
  });

  it('colours do not arrive', async () => {
    const events = await arrivals('winston/colours.mjs');
    assert.deepEqual(events.map(headersOf), [
      { host, level: 'warn' },
      { host, level: 'warn' },
    ]);
    assert.deepEqual(events.map(({ body }) => body).sort(), ['warn: careful', '{"level":"warn","message":"careful"}']);
  });

  it('exception and rejection handlers, with their format', async () => {
    const events = await arrivals('winston/exceptions.mjs');
    assert.deepEqual(events.map(headersOf), [
      { host, level: 'error' },
      { host, level: 'error' },
    ]);
    const [exception, rejection] = events.map(fields) as [Shown, Shown];
    assert.match(String(exception.stack), /^TypeError: nobody catches\n/);
    assert.equal((exception.error as Shown).message, 'nobody catches');
    assert.match(String(rejection.stack), /^RangeError: nobody waits\n/);
    assert.ok(exception.timestamp && rejection.timestamp);
  });

  it('options of other transports, and wrong ones, are refused in one line', async () => {
    const stderr = new RegExp(
      [
        'ERR_FLUME_OPTION labels: unknown option, here it is headers',
        'ERR_FLUME_OPTION lvel: unknown option, did you mean level\\?',
        "ERR_FLUME_OPTION level: expected a level's name, got 3",
        'ERR_FLUME_OPTION format: expected a format, called: winston.format.json\\(\\), got a function',
      ].join('\n'),
    );
    assert.deepEqual(await arrivals('winston/other-options.mjs', { stderr }), []);
  });
});

describe('frameworks on winston', { concurrency: 2 }, () => {
  it('nest-winston: the context as logger, the stack, and fatal()', async () => {
    const events = await arrivals('winston/nest-winston.mjs', { stderr: /level 'fatal' is none of the logger's/ });
    const own = events.filter(({ headers }) => headers.logger === 'Orders');
    assert.deepEqual(own.map(headersOf), [
      { host, level: 'info', logger: 'Orders' },
      { host, level: 'error', logger: 'Orders' },
    ]);
    const [placed, failed] = own.map(fields) as [Shown, Shown];
    assert.deepEqual([placed.message, placed.id, failed.message], ['placed', 7, 'boom']);
    assertWhole(failed.error, 'TypeError', 'boom');
    assert.equal(((failed.error as Shown).cause as Shown).message, 'inner');
    assert.equal(events.find(({ headers }) => headers.level === 'fatal')?.body.includes('gone'), true);
    assert.ok(events.some(({ headers }) => headers.logger === 'NestFactory'));
  });

  it('express-winston: requests and errors, one transport for both, no colours', async () => {
    const events = await arrivals('winston/express-winston.mjs');
    const [orders, failure, broken] = [/GET \/orders/, /middlewareError/, /GET \/broken/].map((text) =>
      events.find(({ body }) => text.test(body)),
    ) as [Arrival, Arrival, Arrival];
    assert.equal(events.length, 3);
    assert.deepEqual(headersOf(orders), { host, level: 'info', status: '200' });
    assert.deepEqual(headersOf(broken), { host, level: 'info', status: '500' });
    assert.equal(fields(orders).message, 'GET /orders');
    assert.doesNotMatch(orders.body, /SECRET/);
    assert.deepEqual(headersOf(failure), { host, level: 'error' });
    const { meta } = fields(failure) as { meta: Shown };
    assert.match(JSON.stringify(meta), /TypeError: boom/);
  });

  for (const [body, expected] of [
    ['line', '{"level":"http","message":"GET /orders 200\\n"}'],
    ['message', 'GET /orders 200'],
  ] as const) {
    it(`morgan, body '${body}'`, async () => {
      const event = only(await arrivals('winston/morgan.mjs', { args: [body] }));
      assert.deepEqual(headersOf(event), { host, level: 'http' });
      assert.equal(event.body, expected);
    });
  }
});
