// The header that a sink makes paths of: whatever stands in a record, it is a time in milliseconds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RecordHeaders } from '../../src/event/record-headers.ts';
import { epochMs, timestampText, wrongTimestamp } from '../../src/event/timestamp.ts';
import { resolveLogger } from '../../src/options/record-options.ts';

const time = Date.UTC(2024, 10, 10, 10, 29, 27, 890);
const tomorrow = Date.now() + 80_000_000;

describe('a time', () => {
  it('is read in every unit and spelling that cannot be taken for another', () => {
    const table: [unknown, number | undefined][] = [
      [time, time],
      [time + 0.75, time],
      [BigInt(time), time],
      [`${time}`, time],
      [` ${time} `, time],
      [1_731_234_567, 1_731_234_567_000],
      [1_731_234_567.89, time],
      ['1731234567.890', time],
      [1.73123456789e9, time],
      ['1.73123456789e9', time],
      [1_731_234_567_890_123, time],
      ['1731234567890123', time],
      [1_731_234_567_890_123_456n, time],
      ['1731234567890123456', time],
      [new Date(time), time],
      ['2024-11-10T10:29:27.890Z', time],
      ['2024-11-10T10:29:27.890123456Z', time],
      ['2024-11-10T11:29:27.890+01:00', time],
      ['2024-11-10 10:29:27,890Z', time],
      [{ toJSON: () => '2024-11-10T10:29:27.890Z' }, time],
      [Date.UTC(1990, 0, 1), Date.UTC(1990, 0, 1)],
      [Date.UTC(1990, 0, 1) - 1, undefined],
      [tomorrow, tomorrow],
      [tomorrow + 100_000_000, undefined],
      [0, undefined],
      [-time, undefined],
      [`-${time}`, undefined],
      [`0x${time.toString(16)}`, undefined],
      ['10/11/2024', undefined],
      ['20241110102927', undefined],
      ['2024-11-100', undefined],
      ['1969-12-31T23:59:59Z', undefined],
      ['9999-12-31T23:59:59Z', undefined],
      ['soon', undefined],
      ['', undefined],
      [Number.NaN, undefined],
      [Infinity, undefined],
      [new Date(Number.NaN), undefined],
      [[time], undefined],
      [{ toJSON: () => '%{tenant}' }, undefined],
      [null, undefined],
      [undefined, undefined],
      [true, undefined],
    ];
    for (const [value, expected] of table) assert.equal(epochMs(value), expected, String(value));
  });

  it('that throws when it is read is none', () => {
    const traps = [
      {
        get toJSON(): never {
          throw new Error('no');
        },
      },
      new Proxy(new Date(time), {
        get: () => {
          throw new Error('no');
        },
      }),
    ];
    for (const trap of traps) assert.equal(epochMs(trap), undefined);
  });
});

const anything = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true }),
  fc.double(),
  fc.integer().map((n) => n * 1e6),
  fc.bigInt(),
  fc.date().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.string(),
);

function isTime(text: string | undefined): boolean {
  return (
    /^\d{12,13}$/.test(text ?? '') && Number(text) >= Date.UTC(1990, 0, 1) && Number(text) <= Date.now() + 86_400_000
  );
}

it('whatever stands in a record, a header of that name is a time, in every preset', () => {
  for (const name of ['timestamp', 'timeStamp', 'flume.client.log4j.timestamp'] as const) {
    const preset = ({ timestamp: 'flume', timeStamp: 'log4j2', 'flume.client.log4j.timestamp': 'log4j' } as const)[
      name
    ];
    const fromRecord = headersOf({ preset });
    const fromField = headersOf({ preset, headerFields: { [name]: 'at' } });
    const fromContext = headersOf({ preset: 'none', context: { path: 'ctx', include: [name] } });
    fc.assert(
      fc.property(anything, (value) => {
        const facts = { level: undefined, loggerName: undefined };
        const lists = [fromRecord.list({ ...facts, time: value }), fromField.list({ ...facts, time: undefined })];
        fromField.addField(lists[1] as string[], { header: name }, value);
        const ofContext: string[] = [];
        fromContext.addContext(ofContext, { [name]: value });
        if (ofContext.length > 0) lists.push(ofContext);
        for (const list of lists) {
          assert.equal(list.filter((text, at) => at % 2 === 0 && text === name).length, 1);
          assert.ok(isTime(list[list.indexOf(name) + 1]), `${preset}: ${String(list)}`);
        }
      }),
      { numRuns: 1_000 },
    );
  }
});

it('what is no time is the time of arrival, also where the field is absent', () => {
  for (const value of [undefined, null, 'soon', {}, 5]) {
    const before = Date.now();
    const sent = Number(timestampText(value));
    assert.ok(sent >= before && sent <= Date.now());
  }
});

it("a map's is mended, and told of once", () => {
  const notices: string[] = [];
  const headers = headersOf({ preset: 'flume' }, notices);
  const mapped = (timestamp: string): string | undefined => {
    const list = headers.mapped(headers.list({ time, level: 'info', loggerName: undefined }), { timestamp });
    return list[list.indexOf('timestamp') + 1];
  };
  assert.equal(mapped(String(time)), String(time));
  assert.deepEqual(notices, []);
  assert.equal(mapped('2024-11-10T10:29:27.890Z'), String(time));
  assert.ok(isTime(mapped('soon')));
  assert.deepEqual(notices, [
    "map: it gives a 'timestamp' that is no time in milliseconds since the epoch, from 1990 up to a day from now; " +
      'what is none is sent as the time of arrival',
  ]);
});

it('a fixed one is refused where it is set', () => {
  for (const [name, value] of [
    ['timestamp', '2024-11-10T10:29:27.890Z'],
    ['timestamp', '1731234567'],
    ['timeStamp', ''],
    ['flume.client.log4j.timestamp', 'soon'],
    ['timestamp', String(Date.now() + 90_000_000)],
  ] as const) {
    assert.throws(
      () => resolveLogger({ headers: { [name]: value } }, 'function'),
      new RegExp(`headers: expected a time in '${name.replaceAll('.', '\\.')}', got a`),
    );
  }
  assert.equal(wrongTimestamp('timestamp', String(time)), undefined);
  assert.equal(wrongTimestamp('time', 'soon'), undefined);
});

function headersOf(options: Record<string, unknown>, notices: string[] = []): RecordHeaders {
  const { record } = resolveLogger(options, 'function');
  return new RecordHeaders({ ...record, mapped: true, onNotice: ({ message }) => notices.push(message) });
}
