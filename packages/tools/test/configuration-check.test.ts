// flume-doctor --conf: no finding in any configuration of docs/flume.md, and one in a bad one for each trap.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { judgeConfiguration } from '../src/doctor/configuration-check.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/flume.md'), 'utf8');
const configurations = Array.from(page.matchAll(/^```properties\n([^]*?)^```$/gm), ([, text = '']) => text);

const manner = { agent: undefined, durable: false, heap: '512m' };
const found = (text: string, more: Partial<typeof manner> | { agent?: string } = {}) =>
  judgeConfiguration(text, { ...manner, ...more }).findings;

describe('docs/flume.md', () => {
  assert.ok(configurations.length > 10);
  for (const [index, text] of configurations.entries()) {
    test(`configuration ${index + 1} has nothing to be found`, () => assert.deepEqual(found(text), []));
  }
});

const good = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = thrift
a1.sources.r1.bind = 0.0.0.0
a1.sources.r1.port = 4141
a1.sources.r1.threads = 10
a1.sources.r1.channels = c1
a1.channels.c1.type = memory
a1.channels.c1.capacity = 10000
a1.channels.c1.transactionCapacity = 1000
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/log/flume
a1.sinks.k1.sink.rollInterval = 3600
a1.sinks.k1.channel = c1
`;

/** The good one with lines changed, by the start of each, or added. */
function changed(lines: readonly string[]): string {
  return lines.reduce((text, line) => {
    const [key = ''] = line.split(' = ');
    const kept = text.split('\n').filter((one) => !one.startsWith(`${key} =`));
    return [...kept, ...(line.includes(' = ') ? [line] : [])].join('\n');
  }, good);
}

const hdfs = [
  'a1.sinks.k1.sink.directory',
  'a1.sinks.k1.sink.rollInterval',
  'a1.sinks.k1.type = hdfs',
  'a1.sinks.k1.hdfs.path = /logs/%Y-%m-%d',
  'a1.sinks.k1.hdfs.rollInterval = 300',
  'a1.sinks.k1.hdfs.rollSize = 134217728',
  'a1.sinks.k1.hdfs.rollCount = 0',
];

const bad: readonly [trap: string, lines: readonly string[], what: RegExp, set: RegExp | undefined, more?: object][] = [
  [
    'threads unset',
    ['a1.sources.r1.threads'],
    /r1\.threads is not set: every call leaves a thread/,
    /r1\.threads = 10$/,
  ],
  ['threads 0', ['a1.sources.r1.threads = 0'], /r1\.threads is not set/, /r1\.threads = 10$/],
  [
    'threads below 5 with TLS',
    ['a1.sources.r1.ssl = true', 'a1.sources.r1.keystore = /k', 'a1.sources.r1.threads = 4'],
    /threads = 4: with ssl or kerberos the source does not start below 5/,
    /threads = 20$/,
  ],
  ['TLS without a keystore', ['a1.sources.r1.ssl = true'], /ssl = true, and no keystore/, /keystore = /],
  [
    'Kerberos without a keytab',
    ['a1.sources.r1.kerberos = true', 'a1.sources.r1.agent-principal = flume/flume-1@REALM'],
    /kerberos = true, and no agent-keytab/,
    /agent-keytab = /,
  ],
  [
    'transactionCapacity below a batch',
    ['a1.channels.c1.transactionCapacity = 50'],
    /transactionCapacity = 50 is below a batch of 100/,
    /transactionCapacity = 1000$/,
  ],
  [
    'transactionCapacity above the capacity',
    ['a1.channels.c1.capacity = 500'],
    /transactionCapacity = 1000 is above capacity = 500: the channel does not start/,
    /c1\.capacity = 10000$/,
  ],
  [
    'no capacity',
    ['a1.channels.c1.capacity', 'a1.channels.c1.transactionCapacity'],
    /c1\.capacity is not set: it holds 100 events/,
    /capacity = 10000$/,
  ],
  [
    'a batch of a sink above transactionCapacity',
    ['a1.sinks.k1.sink.batchSize = 5000'],
    /k1\.sink\.batchSize = 5000 is above its channel's transactionCapacity = 1000: the sink is not started/,
    /transactionCapacity = 5000$/,
  ],
  [
    'memory where nothing may be lost',
    [],
    /c1 is in memory: every restart of the agent/,
    /c1\.type = file\n/,
    { durable: true },
  ],
  [
    'HDFS without a timestamp',
    hdfs,
    /hdfs\.path has times, and nothing gives an event its timestamp/,
    /interceptors = ts\n.*timestamp\n.*preserveExisting = true$/s,
  ],
  [
    'HDFS without a rollInterval',
    [...hdfs, 'a1.sinks.k1.hdfs.rollInterval', 'a1.sinks.k1.hdfs.useLocalTimeStamp = true'],
    /hdfs\.rollInterval is not set: a file every 30 seconds/,
    /hdfs\.rollInterval = 300$/,
  ],
  [
    'HDFS without a rollSize',
    [...hdfs, 'a1.sinks.k1.hdfs.rollSize', 'a1.sinks.k1.hdfs.useLocalTimeStamp = true'],
    /hdfs\.rollSize is not set/,
    /hdfs\.rollSize = /,
  ],
  [
    'files without a rollInterval',
    ['a1.sinks.k1.sink.rollInterval'],
    /sink\.rollInterval is not set: a file every 30 seconds/,
    /sink\.rollInterval = 3600$/,
  ],
  [
    'an optional channel that is waited for',
    [
      'a1.channels = c1 c2',
      'a1.sources.r1.channels = c1 c2',
      'a1.sources.r1.selector.optional = c2',
      'a1.channels.c2.type = memory',
      'a1.channels.c2.capacity = 1000',
    ],
    /c2 is optional: .*after a wait of its keep-alive/,
    /c2\.keep-alive = 0$/,
  ],
  ['a heap too small for batches', [], /a heap of 20m is too small for batches/, /JAVA_OPTS/, { heap: '20m' }],
  [
    'a heap too small for the channel',
    ['a1.channels.c1.capacity = 10000000'],
    /capacity = 10000000 leaves 42 bytes for an event in a heap of 512m/,
    /-Xmx12032m/,
  ],
  [
    'loopback',
    ['a1.sources.r1.bind = 127.0.0.1'],
    /bind = 127\.0\.0\.1: only this machine reaches it/,
    /bind = 0\.0\.0\.0$/,
  ],
  [
    'an upper-case protocol',
    ['a1.sources.r1.protocol = BINARY'],
    /protocol = BINARY: accepted, but only in lower case/,
    /protocol = binary$/,
  ],
  [
    'an unknown protocol',
    ['a1.sources.r1.protocol = json'],
    /protocol = json: the source does not start/,
    /protocol = compact$/,
  ],
  ['a misspelt type of a source', ['a1.sources.r1.type = thirft'], /Flume knows no thirft/, /type = thrift$/],
  ['a misspelt type of a channel', ['a1.channels.c1.type = memroy'], /Flume knows no memroy/, /type = memory$/],
  ['a misspelt type of a sink', ['a1.sinks.k1.type = fileroll'], /Flume knows no fileroll/, /type = file_roll$/],
  [
    'a misspelt interceptor',
    ['a1.sources.r1.interceptors = i1', 'a1.sources.r1.interceptors.i1.type = timestmap'],
    /Flume knows no timestmap/,
    /i1\.type = timestamp$/,
  ],
  ['a misspelt selector', ['a1.sources.r1.selector.type = multiplex'], /Flume knows no multiplex/, undefined],
  [
    'a misspelt setting',
    ['a1.sources.r1.thread = 10'],
    /r1\.thread: thrift has no such setting; Flume ignores it/,
    /r1\.threads = 10$/,
  ],
  [
    'a setting in another case',
    ['a1.channels.c1.transactioncapacity = 10'],
    /transactioncapacity: memory has no such setting/,
    /transactionCapacity = 10$/,
  ],
  ['no Thrift source', ['a1.sources.r1.type = avro'], /it has no Thrift source/, /type = thrift$/],
  ['a sink without a channel', ['a1.sinks.k1.channel'], /sinks\.k1: has no channel/, undefined],
];

describe('each trap is found, with the line to write', () => {
  assert.deepEqual(found(good), []);
  for (const [trap, lines, what, set, more] of bad) {
    test(trap, () => {
      const findings = found(changed(lines), more);
      const finding = findings.find((one) => what.test(one.what));
      assert.ok(finding !== undefined, JSON.stringify(findings, null, 1));
      if (set !== undefined) assert.match(finding.set ?? '', set);
    });
  }
});

test('what may be meant is a note: memory, a local agent on loopback, an optional channel without a wait', () => {
  const { findings, notes } = judgeConfiguration(good, { ...manner, heap: undefined });
  assert.deepEqual(findings, []);
  assert.match(notes.map((note) => note.what).join('\n'), /the heap is not in this file.*\n.*c1 is in memory/);
});

test('an agent among several must be named', () => {
  const both = good + good.replaceAll('a1.', 'a2.').replace('a2.sources.r1.threads = 10\n', '');
  assert.throws(() => found(both), /--name: the file configures several agents: a1, a2/);
  assert.throws(() => found(both, { agent: 'a3' }), /--name: the file configures no agent a3, but a1, a2/);
  assert.deepEqual(found(both, { agent: 'a1' }), []);
  assert.equal(found(both, { agent: 'a2' }).length, 1);
});
