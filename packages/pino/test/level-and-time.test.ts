// The headers of level and time, in every layout that a line may have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PinoFlumeInProcessOptions } from '../src/options.ts';
import { Lines } from './lines.ts';

const time = 1_731_234_567_890;

test('level, time and name, however they stand there', () => {
  const levels = { labels: { 30: 'info', 35: 'notice', 40: 'warn' }, values: { info: 30, notice: 35, warn: 40 } };
  const lines = new Lines({}, { levels });
  const table: [string, Record<string, string>, boolean][] = [
    [`{"level":35,"time":${time}}`, { level: 'notice', timestamp: String(time) }, true],
    [`{"level":40,"time":${time}}`, { level: 'warn', timestamp: String(time) }, false],
    [`{"level":41,"time":${time}}`, { level: '41', timestamp: String(time) }, false],
    [`{"level":12.5,"time":${time}}`, { level: '12.5', timestamp: String(time) }, true],
    [`{"level":"notice","time":${time}}`, { level: 'notice', timestamp: String(time) }, true],
    [`{"level":"warn","time":${time}}`, { level: 'warn', timestamp: String(time) }, false],
    [`{"level":"odd","time":${time}}`, { level: 'odd', timestamp: String(time) }, false],
    ['{"level":35,"time":"2024-11-10T10:29:27.890Z"}', { level: 'notice', timestamp: String(time) }, true],
    ['{"level":35,"time":"2024-11-10T10:29:27.890123456Z"}', { level: 'notice', timestamp: String(time) }, true],
    // pino.stdTimeFunctions.unixTime
    ['{"level":35,"time":1731234567}', { level: 'notice', timestamp: '1731234567000' }, true],
    ['{"level":35,"time":1731234567.890}', { level: 'notice', timestamp: String(time) }, true],
    ['{"level":35,"time":"1731234567.890"}', { level: 'notice', timestamp: String(time) }, true],
    ['{"level":35,"time":1731234567890123}', { level: 'notice', timestamp: String(time) }, true],
    ['{"level":35,"time":1731234567890123456}', { level: 'notice', timestamp: String(time) }, true],
    [`{"time":${time},"severity":"INFO"}`, { timestamp: String(time) }, false],
    [`{"level":35,"time":${time},"name":"shop"}`, { level: 'notice', timestamp: String(time), logger: 'shop' }, true],
    // A field of the user's later in the line does not hide pino's own.
    [`{"level":35,"time":${time},"level":"x","time":"y"}`, { level: 'notice', timestamp: String(time) }, true],
  ];
  for (const [line, headers, low] of table) assert.deepEqual(lines.event(line), { headers, body: line, low }, line);
});

test("level and time are the logger's own, the first in the line, in every layout", () => {
  const iso = new Date(time).toISOString();
  const own = { level: 'info', timestamp: String(time) };
  for (const [line, headers] of [
    [`{"level":"info","time":${time},"level":"silver","time":3000}`, own],
    [`{"level":30,"time":"${iso}","level":"silver","time":3000}`, own],
    [`{"level":"info","time":"${iso}","time":${time + 5},"level":40}`, own],
    // No time of pino's: the record's is the first.
    [`{"level":30,"time":${time},"a":1}`, own],
  ] as const) {
    assert.deepEqual(new Lines().event(line)?.headers, headers, line);
  }
  // What a user asks for by its name is what a reader of the line finds.
  const line = `{"level":"info","time":"${iso}","level":"silver"}`;
  assert.equal(new Lines({ headerFields: { medal: 'level' } }).event(line)?.headers.medal, 'silver');
});

test('level and time under other keys, as text or number', () => {
  const iso = new Date(time).toISOString();
  const elasticsearch = { levelKey: 'log.level', timeKey: '@timestamp' };
  const google = { levelKey: 'severity', timeKey: 'timestamp' };
  const seconds = Math.floor(time / 1000);
  const table: [PinoFlumeInProcessOptions, string, string | undefined, number, boolean][] = [
    [elasticsearch, `{"log.level":"info","@timestamp":"${iso}","level":50,"time":1}`, 'info', time, true],
    [elasticsearch, `{"log.level":"error","@timestamp":${time}}`, 'error', time, false],
    [google, `{"severity":"INFO","timestamp":{"seconds":${seconds},"nanos":890000000},"level":50}`, 'INFO', time, true],
    [
      google,
      `{"severity":"ERROR","timestamp":{"seconds":"${seconds}","nanos":5000000}}`,
      'ERROR',
      seconds * 1000 + 5,
      false,
    ],
    [google, `{"severity":"30","timestamp":"${time}"}`, 'info', time, true],
    [google, `{"severity":35,"timestamp":"${seconds}"}`, '35', seconds * 1000, true],
    [google, `{"severity":"W","timestamp":${seconds}.89}`, 'W', time, false],
    // pino's own keys mean nothing then.
    [{ ...google, preset: 'flume' }, `{"level":30,"time":5,"timestamp":${time}}`, undefined, time, false],
    [{ timeKey: 'ts' }, `{"level":40,"ts":${time},"time":5}`, 'warn', time, false],
    [{ levelKey: 'lvl', levels: { loud: 25 } }, `{"lvl":25,"time":${time}}`, 'loud', time, true],
  ];
  for (const [options, line, level, timestampMs, low] of table) {
    const event = new Lines(options).event(line);
    assert.deepEqual([event?.headers.level, event?.headers.timestamp], [level, String(timestampMs)], line);
    assert.equal(event?.low, low, line);
  }
  const now = Date.now();
  const none = new Lines(google).event('{"severity":"INFO","timestamp":{"seconds":"x"}}')?.headers.timestamp;
  assert.ok(Number(none) >= now && Number(none) <= Date.now());
  assert.equal(
    new Lines({ messageKey: 'text', body: 'message' }, { messageKey: 'other' }).event('{"text":"x"}')?.body,
    'x',
  );
});

test("with levels in syslog's order what is graver has the lower number", () => {
  const values = { err: 3, warning: 4, notice: 5 };
  const lines = new Lines({}, { levels: { labels: { 3: 'err', 4: 'warning', 5: 'notice' }, values } });
  for (const [level, low] of [
    [3, false],
    [4, false],
    [5, true],
  ] as const) {
    assert.equal(lines.event(`{"level":${level},"time":${time}}`)?.low, low);
  }
});
test('a line without a usable time gets the present', () => {
  for (const line of [
    '{"level":30,"msg":"x"}',
    '{"level":30,"time":"soon"}',
    '{"level":30,"time":null}',
    '{"level":30,"time":0}',
    '{"level":30,"time":99999999999999999999}',
    '{"level":30,"time":{"a":1731234567890}}',
    '{"time":"%{tenant}"}',
    'plain text',
    '{"level":',
  ]) {
    const before = Date.now();
    const event = new Lines().event(line);
    const timestamp = Number(event?.headers.timestamp);
    assert.ok(timestamp >= before && timestamp <= Date.now(), line);
    assert.equal(event?.body, line);
  }
});
