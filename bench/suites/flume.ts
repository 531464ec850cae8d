// The comparisons that need Java and Python: the peers of other languages, Java's own server, and a real Flume agent.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtFolder } from '../../test/flume/built-folder.ts';
import { startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { flumeClasspath, installFlume, javaTool } from '../../test/flume/maven.ts';
import { python, requireInstalled } from '../../test/interop/requirements.ts';
import { type Comparison, columns, type Subject } from '../harness/comparison.ts';
import { type Command, numbersOf, program } from '../harness/program.ts';
import { startServer } from '../harness/sink.ts';
import { limitOf, type Way, warm } from './limit.ts';

const { eventsPerSecond, cpuPerEvent } = columns;
const version = '1.11.0';
const idl = path.join(import.meta.dirname, '../../idl/flume.thrift');
const sources = ['DiscardServer', 'DeliverEvents'].map((name) =>
  path.join(import.meta.dirname, `../java/${name}.java`),
);
const run = promisify(execFile);

/** A class of bench/java, with the libraries that Flume ships. */
async function java(name: string, ...args: readonly string[]): Promise<Command> {
  requireInstalled();
  await installFlume(version);
  const classes = await builtFolder('bench', sources, (folder) =>
    run(javaTool('javac'), ['-nowarn', '-d', folder, '-cp', flumeClasspath(version), ...sources]),
  );
  const logging = path.join(import.meta.dirname, '../../test/flume/logging');
  const classpath = [classes, logging, flumeClasspath(version)].join(path.delimiter);
  // On two cores the serial collector is the fastest of Java's for these programs.
  return { command: javaTool('java'), args: ['-Xmx512m', '-XX:+UseSerialGC', '-cp', classpath, name, ...args] };
}

async function pythonClient(...args: readonly string[]): Promise<Command> {
  const generated = await builtFolder('python-code', [idl], (folder) =>
    run('thrift', ['--gen', 'py', '-out', folder, idl]),
  );
  const script = path.join(import.meta.dirname, '../python/deliver_events.py');
  return { command: python, args: ['-B', script, generated, ...args] };
}

const ours = (name: string, settings: object): Subject => ({
  name,
  run: () => numbersOf(program('deliver', settings)),
});

interface JavaPeer {
  readonly name: string;
  readonly how: 'libthrift' | 'sdk';
  readonly events: number;
  readonly batch: number;
  /** Makes each event in the loop. */
  readonly fresh?: boolean;
}

const theirs = (port: number, { name, how, events, batch, fresh = false }: JavaPeer): Subject => ({
  name,
  run: async () =>
    numbersOf(await java('DeliverEvents', how, `${port}`, `${events}`, `${batch}`, '200', ...(fresh ? ['fresh'] : []))),
});

const byPython = (how: 'accelerated' | 'plain', port: number): Subject => ({
  // The library calls its encoder in C so, and falls back to Python where it was built without.
  name: how === 'accelerated' ? 'Python, accelerated (encoder in C)' : 'Python, plain',
  run: async () => numbersOf(await pythonClient(`${port}`, how === 'plain' ? '60000' : '400000', '100', '200', how)),
});

const sdk = "Flume's Java SDK";
const server =
  'libthrift’s TThreadedSelectorServer, the one of Flume’s source, with a handler that does nothing; 4 headers, a body of 200 ' +
  'bytes, one connection; Java’s clients have one call in flight, libthrift’s has TFastFramedTransport. Every client has ' +
  'warmed up in its process.';

const toJava: Comparison = {
  id: 'delivery-java-100',
  title: 'Delivery to a Java server that discards, bursts of 100',
  about:
    `${server} Every client sends the same events, made beforehand: the peers in batches of 100, \`EmbeddedAgent\` with its ` +
    'defaults, given 100 in a turn.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const { port, close } = await startServer(await java('DiscardServer'));
    const events = 1_000_000;
    await warm(port, events);
    return {
      subjects: [
        ours('EmbeddedAgent', { how: 'agent', events, ports: [port] }),
        theirs(port, { name: 'libthrift, Java', how: 'libthrift', events, batch: 100 }),
        theirs(port, { name: sdk, how: 'sdk', events, batch: 100 }),
        ours('thrift package', { how: 'thrift', events: 100_000, ports: [port] }),
        byPython('accelerated', port),
        byPython('plain', port),
        ...limitOf(
          port,
          [
            [100, 4],
            [100, 16],
            [100, 64],
            [1_000, 4],
            [1_000, 16],
          ],
          events,
        ),
      ],
      close,
    };
  },
};

const largeBatches: Comparison = {
  id: 'delivery-java-1000',
  title: 'Delivery to a Java server that discards, batches of 1,000',
  about: 'The same, every client told to send 1,000 events in a call.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const { port, close } = await startServer(await java('DiscardServer'));
    const events = 1_000_000;
    await warm(port, events);
    return {
      subjects: [
        ours('EmbeddedAgent', { how: 'agent', events, batch: 1_000, ports: [port] }),
        theirs(port, { name: 'libthrift, Java', how: 'libthrift', events, batch: 1_000 }),
        theirs(port, { name: sdk, how: 'sdk', events, batch: 1_000 }),
      ],
      close,
    };
  },
};

/** Making an event costs more than encoding it, so a pool of them flatters whoever encodes fast. */
const freshText: Comparison = {
  id: 'delivery-java-fresh',
  title: 'Fresh events with text bodies, to a Java server that discards',
  about:
    'The same server. Every client makes each event in the loop, as an application does: a body joined of parts into a text ' +
    'of 200 characters, headers, the event. `EmbeddedAgent`, with its defaults, is given bursts of so many in a turn.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const { port, close } = await startServer(await java('DiscardServer'));
    const events = 1_000_000;
    await warm(port, events);
    return {
      subjects: [
        ...[100, 2_000].map((burst) =>
          ours(`EmbeddedAgent, bursts of ${burst.toLocaleString('en-US')}`, {
            how: 'agent',
            fresh: true,
            events,
            burst,
            ports: [port],
          }),
        ),
        ...(['libthrift', 'sdk'] as const).flatMap((how) =>
          [100, 1_000].map((batch) =>
            theirs(port, {
              name: `${how === 'sdk' ? sdk : 'libthrift, Java'}, batches of ${batch.toLocaleString('en-US')}`,
              how,
              events,
              batch,
              fresh: true,
            }),
          ),
        ),
      ],
      close,
    };
  },
};

const toAgent = (channel: 'memory' | 'file', events: number, ways: readonly Way[]): Comparison => ({
  id: channel === 'memory' ? 'delivery-flume' : 'delivery-flume-file',
  title: `Delivery to a real Flume agent with a ${channel} channel`,
  about:
    `Flume ${version}: Thrift source with threads=10, ${channel} channel of 1,000,000 events with transactionCapacity=1000, ` +
    'null sink. `EmbeddedAgent` has its defaults; the SDK sends what its batch says. A bare socket shows the agent’s own ' +
    'limit, with so many events in a call and so many calls in flight.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    requireInstalled();
    await installFlume(version);
    const agent = await startFlumeAgent({
      version,
      channel,
      capacity: 1_000_000,
      transactionCapacity: 1_000,
      sink: { type: 'null', batchSize: 1_000 },
      heapMegabytes: 1_500,
      // The tests leave out the second compiler, for a quick start.
      jvmOptions: ['-XX:TieredStopAtLevel=4'],
    });
    const { port } = agent;
    await warm(port, events);
    return {
      subjects: [
        ours('EmbeddedAgent', { how: 'agent', events, ports: [port] }),
        ...[100, 1_000].map((batch) =>
          theirs(port, { name: `${sdk}, batches of ${batch.toLocaleString('en-US')}`, how: 'sdk', events, batch }),
        ),
        ...limitOf(port, ways, events),
      ],
      close: () => agent.stop(),
    };
  },
});

export const flumeComparisons: readonly Comparison[] = [
  toJava,
  largeBatches,
  freshText,
  toAgent('memory', 1_000_000, [
    [100, 4],
    [100, 64],
    [1_000, 4],
    [1_000, 16],
  ]),
  toAgent('file', 60_000, [
    [100, 4],
    [1_000, 1],
    [1_000, 4],
    [1_000, 16],
  ]),
];
