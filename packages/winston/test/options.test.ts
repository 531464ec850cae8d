import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import winston from 'winston';
import { FlumeTransport } from '../src/index.ts';

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [{ agents: [] }, /^agents: expected one agent at least/],
  [{ agents: ['a:b'] }, /^agents\[0\]: /],
  [{ port: 0 }, /^port: expected an integer from 1 to 65535, got 0$/],
  [{ agents: 'a:1', port: 1 }, /^agents: expected no host, port or path beside it$/],
  [{ path: '/run/flume.sock', host: 'a' }, /^path: expected no host or port beside it$/],
  [{ agent: 'a:1' }, /^agent: unknown option, did you mean agents\?$/],
  [{ batchsize: 1 }, /^batchsize: unknown option, did you mean batchSize\?$/],
  [{ batchSize: 0 }, /^batchSize: expected an integer >= 1, got 0$/],
  [{ lingerMs: '5' }, /^lingerMs: expected an integer .*got "5"$/],
  [{ channel: { capacity: 0 } }, /^channel\.capacity: expected an integer >= 1, got 0$/],
  [{ channel: { whenFul: 'x' } }, /^channel\.whenFul: unknown option, did you mean channel\.whenFull\?$/],
  [{ retry: { maxAttempts: -1 } }, /^retry\.maxAttempts: /],
  [{ protocol: 'thrift' }, /^protocol: expected 'compact' or 'binary'/],
  [{ headers: { a: 1 } }, /^headers: expected an object whose values are strings/],
  [{ headerFields: { a: 1 } }, /^headerFields: expected an object whose values are strings/],
  [
    { preset: 'log4j3' },
    /^preset: expected 'flume' or 'hdfs' or 'kafka' or 'log4j' or 'log4j2' or 'none', got "log4j3"$/,
  ],
  [{ body: 5 }, /^body: expected 'line', 'message' or a path, got 5$/],
  [{ map: './map.js' }, /^map: expected a function, got "\.\/map\.js"$/],
  [{ highWaterMark: 1 }, /^highWaterMark: expected an integer >= 2, got 1$/],
  [{ eventId: 'yes' }, /^eventId: expected true or false/],
  // winston's own.
  [{ level: 3 }, /^level: expected a level's name, got 3$/],
  [{ level: '' }, /^level: expected a level's name, got ""$/],
  [{ level: null }, /^level: expected a level's name, got null$/],
  [{ format: winston.format.json }, /^format: expected a format, called: winston\.format\.json\(\), got a function$/],
  [{ format: {} }, /^format: expected a format, called: .*, got \{\}$/],
  [{ format: 'json' }, /^format: expected a format, called: .*, got "json"$/],
  [{ silent: 'yes' }, /^silent: expected true or false, got "yes"$/],
  [{ handleExceptions: 1 }, /^handleExceptions: expected true or false, got 1$/],
  [{ handleRejections: 'true' }, /^handleRejections: expected true or false, got "true"$/],
  [{ name: 5 }, /^name: expected a name, got 5$/],
  [{ lvel: 'info' }, /^lvel: unknown option, did you mean level\?$/],
  [{ slient: true }, /^slient: unknown option, did you mean silent\?$/],
  [{ handleException: true }, /^handleException: unknown option, did you mean handleExceptions\?$/],
  [{ zzzzzzzz: 1 }, /^zzzzzzzz: unknown option \(known: .*name, level, format, silent, .*highWaterMark\)$/],
  [[], /^options: expected an object, got \[\]$/],
  [[{ port: 1 }], /^options: expected an object, got an array$/],
  // Of other transports.
  [{ labels: { app: 'a' } }, /^labels: unknown option, here it is headers$/],
  [{ index: 'logs' }, /^index: unknown option, here it is headers or headerFields: the agent chooses/],
  // winston-transport would put these over the methods of the class.
  [{ log: () => {} }, /^log: unknown option/],
  [{ close: () => {} }, /^close: unknown option/],
  ['flume-1:4141', /^options: expected an object, got "flume-1:4141"$/],
  [null, /^options: expected an object, got null$/],
];

describe('the options of FlumeTransport', () => {
  for (const [options, message] of wrong) {
    it(`${message}`, () => {
      assert.throws(() => new FlumeTransport(options as never), {
        name: 'FlumeError',
        code: 'ERR_FLUME_OPTION',
        message,
      });
    });
  }

  it("lets winston's own through", () => {
    const format = { transform: (info: object) => info } as never;
    const transport = new FlumeTransport({
      level: 'warn',
      silent: true,
      handleExceptions: true,
      handleRejections: true,
      highWaterMark: 5,
      format,
      agents: undefined,
      channel: undefined,
    });
    const { level, silent, handleExceptions, handleRejections, writableHighWaterMark } = transport;
    assert.deepEqual(
      { level, silent, handleExceptions, handleRejections, writableHighWaterMark, format: transport.format },
      { level: 'warn', silent: true, handleExceptions: true, handleRejections: true, writableHighWaterMark: 5, format },
    );
  });

  it('needs none, and is named flume unless told otherwise', () => {
    assert.equal(new FlumeTransport().name, 'flume');
    assert.equal(new FlumeTransport({ name: 'second' }).name, 'second');
  });
});
