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
  return { command: javaTool('java'), args: ['-Xmx512m', '-cp', classpath, name, ...args] };
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

const theirs = (name: string, how: 'libthrift' | 'sdk', port: number, events: number, batch: number): Subject => ({
  name,
  run: async () => numbersOf(await java('DeliverEvents', how, `${port}`, `${events}`, `${batch}`, '200')),
});

const toJava = (batch: 100 | 1_000): Comparison => ({
  id: `delivery-java-${batch}`,
  title: `Delivery to a Java server that discards, batches of ${batch.toLocaleString('en-US')}`,
  about:
    'libthrift’s TThreadedSelectorServer, the one of Flume’s source, with a handler that does nothing; 4 headers, a body of ' +
    '200 bytes, one connection. Every client sends the same events, made beforehand, and has warmed up in its process.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const server = await startServer(await java('DiscardServer'));
    const { port } = server;
    const events = 2_000_000;
    const peers = [
      ours('EmbeddedAgent', { how: 'agent', events, batch, ports: [port] }),
      theirs('libthrift, Java', 'libthrift', port, events, batch),
      theirs("Flume's Java SDK", 'sdk', port, events, batch),
      ours('bare socket', { how: 'socket', events, batch, ports: [port] }),
    ];
    const slow = [
      ours('thrift package', { how: 'thrift', events: 200_000, batch, ports: [port] }),
      ...(['accelerated', 'plain'] as const).map((how) => ({
        name: `Python, ${how}`,
        run: async () =>
          numbersOf(await pythonClient(`${port}`, how === 'plain' ? '20000' : '200000', `${batch}`, '200', how)),
      })),
    ];
    return { subjects: batch === 100 ? [...peers, ...slow] : peers, close: () => server.close() };
  },
});

const toAgent: Comparison = {
  id: 'delivery-flume',
  title: 'Delivery to a real Flume agent',
  about:
    `Flume ${version}: Thrift source with threads=10, memory channel of 1,000,000 events, null sink; batches of 100. The bare ` +
    'socket shows the agent’s own limit.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    requireInstalled();
    await installFlume(version);
    const agent = await startFlumeAgent({
      version,
      capacity: 1_000_000,
      transactionCapacity: 1_000,
      sink: { type: 'null', batchSize: 1_000 },
      heapMegabytes: 1_500,
      // The tests leave out the second compiler, for a quick start.
      jvmOptions: ['-XX:TieredStopAtLevel=4'],
    });
    const { port } = agent;
    const events = 1_000_000;
    return {
      subjects: [
        ours('EmbeddedAgent', { how: 'agent', events, ports: [port] }),
        theirs("Flume's Java SDK", 'sdk', port, events, 100),
        ours('bare socket', { how: 'socket', events, ports: [port] }),
      ],
      close: () => agent.stop(),
    };
  },
};

export const flumeComparisons: readonly Comparison[] = [toJava(100), toJava(1_000), toAgent];
