// What winston takes without a word and then stumbles over: a level that the logger does not have, a format that throws.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import winston from 'winston';
import type { FlumeTransport } from '../src/index.ts';
import { eventsOf, fields, text } from './flume-logger.ts';

const { combine, timestamp, json, printf } = winston.format;

/** The messages of the transport's warnings, from its first on; those before a listener is there are process warnings. */
function warningsOf(transport: FlumeTransport): string[] {
  const warnings: string[] = [];
  transport.on('warn', ({ message }: Error) => warnings.push(message));
  return warnings;
}

/** The process warnings that are raised meanwhile. */
async function processWarnings(during: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const listener = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', listener);
  await during();
  process.off('warning', listener);
  return warnings;
}

describe('a level', () => {
  for (const level of ['inof', 'INFO', 'constructor']) {
    it(`that the logger does not have, ${level}, hides nothing: the logger's holds, told once`, async () => {
      let messages: string[] = [];
      let unknown: number | undefined;
      const warnings = await processWarnings(async () => {
        const { events, transport } = await eventsOf(
          { logger: { level: 'info' }, transport: { level } },
          ({ logger }) => {
            logger.info('a');
            logger.debug('b');
            logger.error('c');
          },
        );
        messages = events.map((event) => String(fields(event).message));
        unknown = transport.stats().unknownLevels;
      });
      assert.deepEqual(messages, ['a', 'c']);
      assert.deepEqual(warnings, [
        `flume: level: the logger has no '${level}', its own level holds: known are error, warn, info, http, verbose, debug, silly`,
      ]);
      assert.equal(unknown, 2);
    });
  }

  it('that is set so while it runs, and one of the logger itself, are told of too', async () => {
    let warnings: string[] = [];
    const { events, transport } = await eventsOf({ logger: { level: 'info' } }, ({ logger, transport: flume }) => {
      warnings = warningsOf(flume);
      flume.level = 'Error';
      logger.info('a');
      logger.info('b');
      logger.level = 'Info';
      logger.debug('c');
    });
    assert.deepEqual(
      events.map((event) => fields(event).message),
      ['a', 'b', 'c'],
    );
    assert.equal(transport.stats().unknownLevels, 3);
    assert.deepEqual(
      warnings.map((message) => message.replace(/: known are .*/, '')),
      [
        "flume: level: the logger has no 'Error', its own level holds",
        "flume: the logger's level 'Info' is none of its levels, all records are sent",
      ],
    );
  });

  it("of a record that the logger does not have, as nest-winston's fatal, is sent, counted, told once", async () => {
    let warnings: string[] = [];
    const { events, transport } = await eventsOf({ logger: { level: 'error' } }, ({ logger, transport: flume }) => {
      warnings = warningsOf(flume);
      for (const level of ['fatal', 'fatal', 'debug']) logger.log(level, 'a');
      logger.cork();
      logger.log('fatal', 'corked');
      logger.uncork();
    });
    assert.deepEqual(
      events.map(({ headers }) => headers.level),
      ['fatal', 'fatal', 'fatal'],
    );
    assert.equal(transport.stats().unknownLevels, 3);
    assert.deepEqual(warnings, [
      "flume: a record's level 'fatal' is none of the logger's, it is sent: known are error, warn, info, http, verbose, debug, silly",
    ]);
  });

  it('that is data does not make warnings without end', async () => {
    let warnings: string[] = [];
    const { events } = await eventsOf({}, ({ logger, transport }) => {
      warnings = warningsOf(transport);
      for (let n = 0; n < 100; n++) logger.log(`level ${n}`, 'a');
    });
    assert.equal(events.length, 100);
    assert.ok(warnings.length <= 20);
  });

  it('judges as winston does where it is known', async () => {
    const levels = { fatal: 0, warning: 1, note: 2 };
    const { events } = await eventsOf(
      { logger: { levels, level: 'note' }, transport: { level: 'warning' } },
      ({ logger, transport }) => {
        for (const level of ['note', 'warning', 'fatal']) logger.log(level, level);
        transport.silent = true;
        logger.log('fatal', 'silent');
        transport.silent = false;
        logger.log({ level: 'fatal', message: 'exception', exception: true });
      },
    );
    assert.deepEqual(
      events.map((event) => fields(event).message),
      ['warning', 'fatal'],
    );
  });
});

describe("the transport's own format", () => {
  const failing = [
    ['throws', winston.format(() => assert.fail('no format today'))(), 'no format today'],
    [
      'throws what is no error',
      {
        transform: () => {
          throw 5;
        },
      },
      'number',
    ],
    ['is asynchronous', { transform: async () => Promise.reject(new Error('late')) }, 'it is asynchronous'],
  ] as const;
  for (const [what, format, why] of failing) {
    it(`that ${what} reaches nobody: the record is sent without it, counted, told once`, async () => {
      let warnings: string[] = [];
      const { events, transport } = await eventsOf(
        { transport: { format: format as never } },
        ({ logger, transport: flume }) => {
          warnings = warningsOf(flume);
          logger.info('a', { n: 1 });
          logger.cork();
          logger.info('b');
          logger.uncork();
        },
      );
      assert.deepEqual(events.map(text), ['{"level":"info","message":"a","n":1}', '{"level":"info","message":"b"}']);
      assert.equal(transport.stats().formatFailures, 2);
      assert.deepEqual(warnings, [`flume: the format failed, records are sent without it: ${why}`]);
    });
  }

  it('filters by a false value, counted', async () => {
    const only = winston.format((info) => (info.message === 'no' ? false : info));
    const { events, transport } = await eventsOf({ transport: { format: combine(only(), json()) } }, ({ logger }) => {
      logger.info('no');
      logger.info('yes');
    });
    assert.deepEqual(
      events.map((event) => fields(event).message),
      ['yes'],
    );
    assert.equal(transport.stats().filtered, 1);
  });

  it('changes a copy alone, and one set later counts', async () => {
    const { events } = await eventsOf(
      { transport: { format: combine(timestamp(), json()) } },
      ({ logger, transport }) => {
        const info = { level: 'info', message: 'a' };
        logger.log(info);
        assert.equal(Object.hasOwn(info, 'timestamp'), false);
        transport.format = printf(({ message }) => `<${String(message)}>`);
        logger.info('b');
      },
    );
    assert.match(text(events[0]), /"timestamp"/);
    assert.equal(text(events[1]), '<b>');
  });

  it('is done for exception handlers too, which winston calls past the stream', async () => {
    const format = printf(({ message }) => `<${String(message).split('\n', 1)[0]}>`);
    const { events } = await eventsOf({ transport: { format } }, ({ logger, transport }) => {
      logger.exceptions.handle(transport);
      transport.log(logger.exceptions.getAllInfo(new Error('boom')));
      transport.silent = true;
      transport.log({ message: 'silent' });
      logger.exceptions.unhandle();
    });
    assert.match(text(events[0]), /^<uncaughtException: boom>\n/);
    assert.equal(events.length, 1);
  });
});
