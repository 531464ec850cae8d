// Whatever a record has under whatever name, from whatever logger: a header by which a sink knows a time is one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LoggerOptions, pino } from 'pino';
import { LineEvents } from '../src/line-events.ts';
import { type PinoFlumeInProcessOptions, resolveOptions } from '../src/options.ts';

const timeHeaders = ['timestamp', 'timeStamp', 'flume.client.log4j.timestamp'];
const names = ['time', 'level', '@timestamp', 'ts', 'ctx', 'name', 'msg', 'severity', ...timeHeaders];

const value = fc.oneof(
  fc.constantFrom(1e30, -1, 0, 5, 1e11, 1.5e9, 1_731_234_567.89, 1_731_234_567_890_123, 1e308, 3000),
  fc.constantFrom(
    'soon',
    '',
    '1e30',
    '2024-11-10',
    '0000-00-00T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '1731234567',
    ' 12 ',
  ),
  fc.constantFrom(
    { seconds: 1e20, nanos: -1 },
    { seconds: '1731234567', nanos: 5 },
    { toJSON: 1 },
    [1_731_234_567_890],
  ),
  fc.double(),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.string({ maxLength: 30 }),
  fc.jsonValue({ maxDepth: 1 }),
);
const record = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 });

const loggers: readonly LoggerOptions[] = [
  {},
  { timestamp: false },
  { timestamp: pino.stdTimeFunctions.isoTime },
  { timestamp: pino.stdTimeFunctions.unixTime },
  { timestamp: () => ',"time":1e400' },
  {
    timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (severity) => ({ severity }) },
  },
  { formatters: { level: (level) => ({ level }) }, timestamp: false, base: null },
];

const transports: readonly PinoFlumeInProcessOptions[] = [
  {},
  { preset: 'log4j' },
  { preset: 'log4j2', timeKey: '@timestamp', levelKey: 'severity' },
  { preset: 'none', headerFields: Object.fromEntries(timeHeaders.map((name) => [name, name])) },
  { headerFields: { timestamp: 'ctx.time', timeStamp: 'ts' } },
  { timeKey: 'ts', context: { path: 'ctx', include: timeHeaders } },
  { map: (fields) => ({ headers: { timestamp: String(fields.ts), timeStamp: JSON.stringify(fields.time) ?? '' } }) },
];

test('a time is an integer of 12 or 13 digits, from 1990 up to a day from now', () => {
  for (const transport of transports) {
    const { record: resolved, own } = resolveOptions(transport, 'in process');
    const map = typeof resolved.map === 'function' ? resolved.map : undefined;
    const events = new LineEvents(resolved, own, map, () => {});
    for (const settings of loggers) {
      let line = '';
      const logger = pino(settings, { write: (text) => (line = text.trimEnd()) });
      fc.assert(
        fc.property(record, (fields) => {
          logger.info(fields);
          const bytes = Buffer.from(line);
          const headers = (events.event(bytes, 0, bytes.length)?.headers ?? []) as readonly string[];
          let seen = 0;
          for (const [at, name] of headers.entries()) {
            if (at % 2 !== 0 || !timeHeaders.includes(name)) continue;
            const time = headers[at + 1] ?? '';
            assert.match(time, /^\d{12,13}$/, line);
            assert.ok(
              Number(time) >= Date.UTC(1990, 0, 1) && Number(time) <= Date.now() + 86_400_000,
              `${time} ${line}`,
            );
            seen += 1;
          }
          assert.ok(seen > 0, line);
        }),
        { numRuns: 200 },
      );
    }
  }
});
