import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expandPath, readConfiguration, routeOf, selectChannels, thriftSource } from '../../src/conf/index.ts';

// 2025-11-22 09:08:45.123 UTC, a Saturday, the 326th day of its year.
const timestamp = '1763802525123';
const atMs = Date.UTC(2026, 0, 2, 3, 4, 5);

function configured(lines: string): ReturnType<typeof thriftSource> {
  const head =
    'a1.sources = r1\na1.sources.r1.type = thrift\na1.channels = c1 c2 c3\na1.sources.r1.channels = c1 c2 c3\n';
  const channels = ['c1', 'c2', 'c3'].map((name) => `a1.channels.${name}.type = memory\n`).join('');
  return thriftSource(readConfiguration(head + channels + lines.replace(/^\s*/gm, 'a1.')));
}

describe('expandPath()', () => {
  it('knows every letter of Flume', () => {
    const letters = 'a A b B c d e D H I j k l m M n p s S t y Y z %'.split(' ');
    const expanded = letters.map((letter) => expandPath(`%${letter}`, { timestamp }, { timeZone: 'UTC' }));
    const dates = ['Sat', 'Saturday', 'Nov', 'November', 'Sat Nov 22 09:08:45 2025', '22', '22', '11/22/25'];
    const times = ['09', '09', '326', '9', '9', '11', '08', '11', 'AM', '1763802525', '45', timestamp];
    assert.deepEqual(expanded, dates.concat(times, '25', '2025', '+0000', '%'));
    assert.equal(expandPath('%q|%Q|%_', { timestamp }), '||');
  });

  it('takes headers, and nothing for those that are missing', () => {
    assert.equal(expandPath('/%{app}/%{no}/%{a-b.c}', { app: '$1\\', 'a-b.c': 'x' }), '/$1\\//x');
    assert.equal(expandPath('%{a b}%', { 'a b': 'x' }), '%{a b}%');
    assert.equal(expandPath('%{constructor}', {}), '');
  });

  it('counts in the zone and rounds down as it is told', () => {
    const show = (timeZone: string): string => expandPath('%Y-%m-%d %H:%M %z', { timestamp }, { timeZone });
    assert.equal(show('Asia/Kolkata'), '2025-11-22 14:38 +0530');
    assert.equal(show('America/New_York'), '2025-11-22 04:08 -0500');
    assert.equal(show('GMT+8'), '2025-11-22 17:08 +0800');
    assert.equal(show('GMT-03:30'), '2025-11-22 05:38 -0330');
    assert.equal(show('Nowhere/Land'), '2025-11-22 09:08 +0000');
    const round = (unit: 'second' | 'minute' | 'hour', value: number): string => {
      return expandPath('%H:%M:%S %s %t', { timestamp }, { timeZone: 'UTC', rounding: { unit, value } });
    };
    assert.equal(round('second', 10), `09:08:40 1763802520 ${timestamp}`);
    assert.equal(round('minute', 10), `09:00:00 1763802000 ${timestamp}`);
    assert.equal(round('hour', 6), `06:00:00 1763791200 ${timestamp}`);
    // 02:34 in summer, 26 minutes before the clock is put back to 02:00: Java goes on from there in winter's time.
    const twice = { timeZone: 'Europe/Paris', rounding: { unit: 'minute', value: 5 } } as const;
    assert.equal(expandPath('%s', { timestamp: '1761438880495' }, twice), '1761442200');
  });

  it('throws where the sink would', () => {
    assert.throws(() => expandPath('%Y', {}), /needs a header timestamp, and there is none/);
    assert.throws(() => expandPath('%%', {}), /needs a header timestamp/);
    for (const wrong of ['', '1.5', '2025-11-22', ' 1', '99999999999999999999']) {
      assert.throws(() => expandPath('%Y', { timestamp: wrong }), /no number of milliseconds/);
    }
    assert.throws(() => expandPath('%[host]', {}), /none of %\[localhost\]/);
    assert.equal(expandPath('%[localhost]', {}), '%[localhost]');
    assert.equal(expandPath('%Y', {}, { nowMs: atMs, timeZone: 'UTC' }), '2026');
  });
});

describe('selectChannels()', () => {
  const select = (lines: string, headers: Record<string, string>): unknown => {
    return selectChannels(configured(lines).source, headers);
  };

  it('replicates, but for what is optional', () => {
    const all = { required: ['c1', 'c2', 'c3'], optional: [], oneOf: false };
    assert.deepEqual(select('', {}), all);
    assert.deepEqual(select('sources.r1.selector.type = REPLICATING', {}), all);
    const optional = 'sources.r1.selector.optional = c3';
    assert.deepEqual(select(optional, {}), { required: ['c1', 'c2'], optional: ['c3'], oneOf: false });
  });

  it('multiplexes by the exact value of a header', () => {
    const lines = `sources.r1.selector.type = multiplexing
      sources.r1.selector.header = level
      sources.r1.selector.mapping.error = c1 c2
      sources.r1.selector.optional.error = c2 c3
      sources.r1.selector.optional.warn = c1 c3
      sources.r1.selector.default = c3`;
    const only = (required: string[], optional: string[] = []): unknown => ({ required, optional, oneOf: false });
    assert.deepEqual(select(lines, { level: 'error' }), only(['c1', 'c2'], ['c3']));
    assert.deepEqual(select(lines, { level: 'warn' }), only(['c3'], ['c1']));
    for (const level of ['ERROR', ' error', 'info', '', ' ']) assert.deepEqual(select(lines, { level }), only(['c3']));
    assert.deepEqual(select(lines, {}), only(['c3']));
  });

  it('says where an event is lost, goes to one of several, or cannot be followed', () => {
    const mapped = 'sources.r1.selector.type = multiplexing\nsources.r1.selector.mapping.x = c1';
    assert.deepEqual(select(mapped, {}), {
      required: [],
      optional: [],
      oneOf: false,
      note: 'no channel is mapped to no header flume.selector.header, and there is no default: the event is lost',
    });
    const balanced = select('sources.r1.selector.type = load_balancing', {});
    assert.deepEqual(balanced, { required: ['c1', 'c2', 'c3'], optional: [], oneOf: true });
    assert.match(
      JSON.stringify(select('sources.r1.selector.type = com.acme.Mine', {})),
      /com\.acme\.Mine is not known/,
    );
  });
});

describe('routeOf()', () => {
  const route = (lines: string, headers: Record<string, string>): ReturnType<typeof routeOf> => {
    const { agent, source } = configured(`sinks = k1 k2\n${lines}`);
    return routeOf(agent, source, headers, atMs);
  };
  const hdfs = `sinks.k1.type = hdfs
    sinks.k1.channel = c1
    sinks.k1.hdfs.path = /logs/%{app}/%Y
    sinks.k1.hdfs.timeZone = UTC`;

  it('leads to the sinks of each channel and to their places', () => {
    const kafka =
      'sinks.k2.type = org.apache.flume.sink.kafka.KafkaSink\nsinks.k2.channel = c2\nsinks.k2.kafka.topic = t-%{app}';
    assert.deepEqual(route(`${hdfs}\n${kafka}`, { app: 'shop', timestamp }), {
      source: 'r1',
      oneOf: false,
      notes: [],
      channels: [
        { channel: 'c1', optional: false, sinks: [{ sink: 'k1', type: 'hdfs', place: '/logs/shop/2025/FlumeData' }] },
        {
          channel: 'c2',
          optional: false,
          sinks: [{ sink: 'k2', type: 'org.apache.flume.sink.kafka.KafkaSink', place: 't-shop' }],
        },
        { channel: 'c3', optional: false, sinks: [] },
      ],
    });
    const topic = route(kafka, { app: 'shop', topic: 'stray' }).channels[1]?.sinks[0];
    assert.equal(topic?.place, 'stray');
    const fixed = route(`${kafka}\nsinks.k2.allowTopicOverride = false`, { topic: 'stray' }).channels[1]?.sinks[0];
    assert.equal(fixed?.place, 't-%{app}');
  });

  it('warns of a timestamp that is missing, wrong, or in seconds', () => {
    const warning = (headers: Record<string, string>, more = ''): unknown =>
      route(`${hdfs}\n${more}`, headers).channels[0]?.sinks[0]?.warning;
    assert.match(String(warning({})), /^the sink would stop at this event: it needs a header timestamp/);
    assert.match(String(warning({ timestamp: 'now' })), /^the sink would stop/);
    assert.match(String(warning({ timestamp: '1763802525' })), /are these seconds\?/);
    assert.match(String(warning({ timestamp: '1763802525123000000' })), /are these nanoseconds\?/);
    assert.equal(warning({ timestamp }), undefined);
    assert.equal(warning({}, 'sinks.k1.hdfs.useLocalTimeStamp = TRUE'), undefined);
  });

  it('goes through the interceptors first', () => {
    const lines = `${hdfs}
      sources.r1.interceptors = i1 i2 i3 i4
      sources.r1.interceptors.i1.type = timestamp
      sources.r1.interceptors.i1.preserveExisting = true
      sources.r1.interceptors.i2.type = org.apache.flume.interceptor.StaticInterceptor$Builder
      sources.r1.interceptors.i2.key = app
      sources.r1.interceptors.i2.value = static
      sources.r1.interceptors.i3.type = remove_header
      sources.r1.interceptors.i3.matching = o.d
      sources.r1.interceptors.i4.type = regex_filter`;
    const { channels, notes } = route(lines, { odd: 'x' });
    assert.equal(channels[0]?.sinks[0]?.place, '/logs/static/2026/FlumeData');
    assert.deepEqual(notes, ['what the interceptor i4 (regex_filter) does is not known here']);
    assert.equal(route(lines, { app: 'mine', timestamp }).channels[0]?.sinks[0]?.place, '/logs/mine/2025/FlumeData');
  });
});

describe('thriftSource()', () => {
  it('says why there is none', () => {
    const find = (text: string, name?: string): unknown => thriftSource(readConfiguration(text), name);
    assert.throws(() => find(''), /it configures no agent$/);
    assert.throws(() => find('a.sources = r\nb.sources = r'), /several agents: a, b/);
    assert.throws(() => find('a.sources = r', 'b'), /no agent b; the agents are a$/);
    assert.throws(() => find('a.sources = r\na.sources.r.type = avro'), /agent a has no Thrift source/);
  });
});
