// Where an event would go, as flume-dev-agent/conf tells it, held against what Flume does with it.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expandPath, readConfiguration, routeOf, thriftSource } from 'flume-dev-agent/conf';
import { FlumeClient } from 'flume-thrift-client';
import { builtFolder } from './built-folder.ts';
import { startFlumeAgent } from './flume-agent.ts';
import { flumeClasspath, javaTool, sinkClasspath } from './maven.ts';

interface Question {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly timeZone: string;
  readonly unit: '' | 'second' | 'minute' | 'hour';
  readonly value: number;
}

const source = path.join(import.meta.dirname, 'java/ExpandPaths.java');

async function askFlume(questions: readonly Question[]): Promise<{ text?: string; error?: string }[]> {
  const classpath = flumeClasspath('1.11.0');
  const classes = await builtFolder('expand-paths', [source], (folder) =>
    promisify(execFile)(javaTool('javac'), ['-nowarn', '-d', folder, '-cp', classpath, source]),
  );
  const flags = ['-cp', [classes, classpath].join(path.delimiter), 'ExpandPaths'];
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const output = execFileSync(javaTool('java'), flags, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

const letters = 'aAbBcdeDHIjkqlmMnpsStyYz%_9'.split('');
const piece = fc.oneof(
  fc.constantFrom(...letters).map((letter) => `%${letter}`),
  fc.constantFrom('%{app}', '%{none}', '%{a-b.c}', '%{a b}', '%{}', '%', '/', 'logs', '$1', '\\', 'ü'),
);
const instant = fc.oneof(
  fc.integer({ min: 1, max: 4_102_444_800_000 }).map(String),
  // Around the hours in which the clocks of Paris are changed.
  fc.integer({ min: -7_200_000, max: 7_200_000 }).map((off) => String(1_761_440_400_000 + off)),
  fc.integer({ min: -7_200_000, max: 7_200_000 }).map((off) => String(1_743_296_400_000 + off)),
  fc.constantFrom('0', '-1', '1.5', '', 'x', '1763802525', '+1763802525123', '9223372036854775808'),
);
const question: fc.Arbitrary<Question> = fc.record({
  path: fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
  headers: fc.record(
    { timestamp: instant, app: fc.constantFrom('shop', '', '$2\\'), 'a-b.c': fc.constant('x') },
    {
      requiredKeys: ['app'],
    },
  ) as fc.Arbitrary<Record<string, string>>,
  timeZone: fc.constantFrom(
    'UTC',
    'Europe/Paris',
    'America/New_York',
    'Asia/Kolkata',
    'GMT+8',
    'GMT-03:30',
    'Nowhere/Land',
  ),
  unit: fc.constantFrom('', '', 'second', 'minute', 'hour'),
  value: fc.constantFrom(1, 5, 6, 10, 24),
});

describe('expandPath()', () => {
  it('expands 5,000 paths as BucketPath of Flume does, and throws where it does', async () => {
    const questions = fc.sample(question, { numRuns: 5_000, seed: 20 });
    const answers = await askFlume(questions);
    assert.equal(answers.length, questions.length);
    const wrong = questions.flatMap((asked, index) => {
      const { text, error } = answers[index] ?? {};
      let ours: string | undefined;
      try {
        const rounding = asked.unit === '' ? undefined : { unit: asked.unit, value: asked.value };
        ours = expandPath(asked.path, asked.headers, { timeZone: asked.timeZone, rounding });
      } catch {
        // As Flume, if it is right.
      }
      return ours === text ? [] : [{ ...asked, ours, flume: text ?? error }];
    });
    assert.deepEqual(wrong.slice(0, 5), []);
    assert.ok(answers.filter(({ text }) => text !== undefined).length > 2_000, 'most can be expanded');
  });
});

const configuration = (port: number, folder: string): string => `
a1.sources = r1
a1.channels = c1 c2 c3 c4
a1.sinks = k1 k2 k3 k4
a1.sources.r1.type = thrift
a1.sources.r1.bind = 127.0.0.1
a1.sources.r1.port = ${port}
a1.sources.r1.threads = 10
a1.sources.r1.channels = c1 c2 c3 c4
a1.sources.r1.selector.type = multiplexing
a1.sources.r1.selector.header = kind
a1.sources.r1.selector.mapping.a = c1
a1.sources.r1.selector.mapping.b = c1 c2
a1.sources.r1.selector.mapping.d\\ e = c2
a1.sources.r1.selector.optional.a = c1 c3
a1.sources.r1.selector.optional.f = c2 c3
a1.sources.r1.selector.default = c3 c4
a1.sources.r1.interceptors = i1 i2 i3
a1.sources.r1.interceptors.i1.type = static
a1.sources.r1.interceptors.i1.key = app
a1.sources.r1.interceptors.i1.value = none
a1.sources.r1.interceptors.i2.type = remove_header
a1.sources.r1.interceptors.i2.matching = od+
a1.sources.r1.interceptors.i3.type = org.apache.flume.interceptor.RemoveHeaderInterceptor$Builder
a1.sources.r1.interceptors.i3.fromList = x, kindly
${['c1', 'c2', 'c3', 'c4'].map((name) => `a1.channels.${name}.type = memory\na1.channels.${name}.keep-alive = 1\n`).join('')}
${['k1', 'k2', 'k3']
  .map(
    (name) => `a1.sinks.${name}.type = file_roll
a1.sinks.${name}.channel = ${name.replace('k', 'c')}
a1.sinks.${name}.sink.directory = ${folder}/${name}
a1.sinks.${name}.sink.rollInterval = 0
`,
  )
  .join('')}
a1.sinks.k4.type = hdfs
a1.sinks.k4.channel = c4
a1.sinks.k4.hdfs.path = file://${folder}/k4/%{app}%{odd}/%Y-%m-%d/%H%M
a1.sinks.k4.hdfs.filePrefix = %{kind}
a1.sinks.k4.hdfs.timeZone = Asia/Kolkata
a1.sinks.k4.hdfs.round = true
a1.sinks.k4.hdfs.roundUnit = minute
a1.sinks.k4.hdfs.roundValue = 10
a1.sinks.k4.hdfs.fileType = DataStream
a1.sinks.k4.hdfs.rollInterval = 1
`;

describe('routeOf()', () => {
  it('leads each event to the channels and folders that a real agent puts it into', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-route-'));
    let text = '';
    const agent = await startFlumeAgent({
      configuration: (port) => {
        for (const sink of ['k1', 'k2', 'k3', 'k4']) mkdirSync(path.join(folder, sink), { recursive: true });
        text = configuration(port, folder);
        return text;
      },
      libraries: [sinkClasspath('hdfs-sink')],
    });
    const client = new FlumeClient({ host: agent.host, port: agent.port });
    try {
      const routed = thriftSource(readConfiguration(text));
      const kinds = ['a', 'b', 'A', ' ', '', 'd e', 'f', undefined];
      const events = kinds.flatMap((kind, index) => {
        return [{}, { app: 'shop', odd: 'o', oddd: 'x' }].map((more, second) => ({
          headers: {
            ...more,
            ...(kind !== undefined && { kind }),
            timestamp: String(1_763_802_525_123 + index * 700_000),
          },
          body: `event-${index}-${second}`,
        }));
      });
      const expected = new Map<string, string[]>();
      for (const { headers, body } of events) {
        const { channels } = routeOf(routed.agent, routed.source, headers, 0);
        for (const { place } of channels.flatMap(({ sinks }) => sinks)) {
          const at = String(place).replace('file://', '');
          expected.set(at, [...(expected.get(at) ?? []), body].sort());
        }
      }
      await client.appendBatch(events);
      const arrived = async (): Promise<Map<string, string[]>> => {
        const found = new Map<string, string[]>();
        for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          const content = readable(path.join(folder, file));
          if (content === undefined || file.endsWith('.crc')) continue;
          // HDFS: the folder and the prefix; file_roll: the folder.
          const name = file.startsWith('k4') ? file.replace(/\.\d+(\.tmp)?$/, '') : path.dirname(file);
          const bodies = content.split('\n').filter((line) => line.startsWith('event-'));
          const at = path.join(folder, name);
          if (bodies.length > 0) found.set(at, [...(found.get(at) ?? []), ...bodies].sort());
        }
        return found;
      };
      const count = (places: Map<string, string[]>): number => [...places.values()].flat().length;
      const deadline = performance.now() + 30_000;
      let found = await arrived();
      while (count(found) < count(expected) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        found = await arrived();
      }
      assert.deepEqual(sorted(found), sorted(expected));
      assert.ok(expected.size >= 6, `${expected.size} places`);
    } finally {
      await client.close();
      await agent.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const sorted = (places: Map<string, string[]>): [string, string[]][] =>
  [...places].sort(([a], [b]) => (a < b ? -1 : 1));

function readable(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A folder, or a file that was renamed meanwhile.
    return undefined;
  }
}
