import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { isType, parseProperties, readConfiguration, routeOf, thriftSource } from '../../src/conf/index.ts';

describe('parseProperties()', () => {
  it('reads keys, values and lines as java.util.Properties does', () => {
    const text = [
      '# a comment \\',
      '! another',
      'a=1',
      '  b : 2  ',
      'c   3',
      'd',
      'e = one, \\',
      '    two, \\',
      '\t three',
      'f = back\\\\',
      'key\\ with\\:odd\\=letters = x',
      'g = \\u00e9\\t\\q\\',
      '',
      'h = 5 # no comment',
      'i==',
      'last\\',
    ].join('\r\n');
    assert.deepEqual(parseProperties(text), [
      { key: 'a', value: '1', line: 3 },
      { key: 'b', value: '2  ', line: 4 },
      { key: 'c', value: '3', line: 5 },
      { key: 'd', value: '', line: 6 },
      { key: 'e', value: 'one, two, three', line: 7 },
      { key: 'f', value: 'back\\', line: 10 },
      { key: 'key with:odd=letters', value: 'x', line: 11 },
      { key: 'g', value: 'é\tq', line: 12 },
      { key: 'h', value: '5 # no comment', line: 14 },
      { key: 'i', value: '=', line: 15 },
      { key: 'last', value: '', line: 16 },
    ]);
    assert.deepEqual(parseProperties('\ufeffa=1'), [{ key: 'a', value: '1', line: 1 }]);
    assert.deepEqual(parseProperties(''), []);
  });
});

const conf = `
a1.sources = r1
a1.channels = c1 c2
a1.sinks = k1 k2
a1.sinkgroups = g1
a1.sources.r1.type = thrift
a1.sources.r1.channels = c1 c2
a1.sources.r1.selector.type = multiplexing
a1.sources.r1.selector.header = kind
a1.sources.r1.selector.mapping.a.b = c1
a1.sources.r1.interceptors = i1 i2
a1.sources.r1.interceptors.i1.type = timestamp
a1.sources.r1.interceptors.i2.type = static
a1.sources.r1.interceptors.i2.key = place
a1.channels.c1.type = Memory
a1.channels.c1.capacity = 10
a1.channels.c1.capacity = 1000
a1.channels.c2.type = org.apache.flume.channel.MemoryChannel
a1.sinks.k1.type = hdfs
a1.sinks.k1.channel = c1
a1.sinks.k1.hdfs.path = /logs/%{app}
a1.sinks.k2.type = null
a1.sinks.k2.channel = c2
a1.sinkgroups.g1.sinks = k1 k2
b1.channels = x
b1.channels.x.type = file
`;

describe('readConfiguration()', () => {
  it('finds agents, sources, channels and sinks, each setting with its line', () => {
    const { agents, problems, properties } = readConfiguration(conf);
    assert.deepEqual([...agents.keys()], ['a1', 'b1']);
    assert.equal(properties.length, 25);
    const { sources, channels, sinks, sinkGroups } = agents.get('a1') ?? assert.fail();
    const [source] = sources;
    assert.ok(source, 'a source');
    assert.deepEqual([source.name, source.type, source.line, source.channels], ['r1', 'thrift', 6, ['c1', 'c2']]);
    assert.deepEqual(source.settings.get('type'), { value: 'thrift', line: 6 });
    assert.deepEqual([source.selector.type, source.selector.line], ['multiplexing', 8]);
    assert.deepEqual(source.selector.settings.get('mapping.a.b'), { value: 'c1', line: 10 });
    assert.deepEqual(
      source.interceptors.map(({ name, type, line }) => [name, type, line]),
      [
        ['i1', 'timestamp', 12],
        ['i2', 'static', 13],
      ],
    );
    assert.deepEqual(channels[0]?.settings.get('capacity'), { value: '1000', line: 17 });
    assert.ok(channels.every((channel) => isType(channel, 'memory', 'org.apache.flume.channel.MemoryChannel')));
    assert.deepEqual(
      sinks.map(({ name, channel, settings }) => [name, channel, settings.get('hdfs.path')?.value]),
      [
        ['k1', 'c1', '/logs/%{app}'],
        ['k2', 'c2', undefined],
      ],
    );
    assert.deepEqual(sinkGroups[0]?.settings.get('sinks'), { value: 'k1 k2', line: 24 });
    assert.deepEqual(problems, [
      { line: 17, message: 'a1.channels.c1.capacity: is set in line 16 too; the last one counts' },
    ]);
  });

  it('says what Flume would pass over, and where', () => {
    const { problems } = readConfiguration(`a1.sources = r1 r2
a1.sources.r1.type = thrift
a1.sources.r1.channels = c1 c9
a1.channels = c1
a1.channels.c1.type = memory
a1.channels.c2.type = memory
a1.channels.c2.capacity = 5
a1.sinks = k1 k2
a1.sinks.k1.type = logger
a1.sinks.k1.channels = c1
a1.sinks.k2.channel = c2
a1.empty =
lonely = 1
.x = 2
`);
    assert.deepEqual(
      problems.map(({ line, message }) => `${line} ${message}`),
      [
        '1 a1.sources: r2 is named but not configured; Flume leaves it out',
        '3 a1.sources.r1.channels: there is no channel c9',
        '6 a1.channels.c2: is configured but not in the list a1.channels; Flume leaves it out',
        '8 a1.sinks.k2: has no type; Flume leaves it out',
        '9 a1.sinks.k1: has no channel; a sink has one: channel, not channels',
        '11 a1.sinks.k2.channel: there is no channel c2',
        '12 a1.empty: has no value; Flume ignores it',
        '13 lonely: not of the form agent.name = value; Flume ignores it',
        '14 .x: not of the form agent.name = value; Flume ignores it',
      ],
    );
  });

  it('finds nothing wrong with the configurations of docs/flume.md', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../../../docs/flume.md'), 'utf8');
    const blocks = Array.from(page.matchAll(/```properties\n([^]*?)```/g), ([, text = '']) => text);
    const whole = blocks.filter((text) => /^a1\.sources = /m.test(text));
    assert.ok(whole.length > 8, `${whole.length} configurations`);
    for (const text of whole) {
      const configuration = readConfiguration(text);
      assert.deepEqual(configuration.problems, [], text);
      const { agent, source } = thriftSource(configuration, 'a1');
      const { channels } = routeOf(agent, source, { timestamp: '1763802525123', level: 'info', app: 'shop' }, 0);
      const required = channels.filter(({ optional }) => !optional);
      const ends = required.map(({ sinks, place }) => sinks.length > 0 || place === 'logs');
      assert.ok(ends.length > 0 && ends.every(Boolean), text);
    }
  });

  it('takes any text', () => {
    for (const text of ['', '\0', '\\', 'a1.sources = __proto__\na1.sources.__proto__.type = x', 'a1..b = c']) {
      assert.equal(typeof readConfiguration(text).agents.size, 'number');
    }
  });
});
