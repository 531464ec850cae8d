// The comparisons of the loggers' transports with their peers, each to a local sink that speaks its protocol.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Comparison, columns, type Numbers } from '../harness/comparison.ts';
import { numbersOf, program } from '../harness/program.ts';
import { type Sink, type SinkKind, startSink } from '../harness/sink.ts';

const { cpuPerEvent, logCpu, logTime, arrivedPart } = columns;

interface Peer {
  readonly name: string;
  /** undefined: it writes to no sink. */
  readonly sink?: SinkKind;
  /** Fewer for the slow ones. */
  readonly events: number;
  /** How long until it has sent what it had; the time between its sends, or little. */
  readonly settleMs?: number;
}

const pino: Comparison = {
  id: 'pino',
  title: 'pino: transports',
  about:
    'An application logs lines of about 240 bytes and yields every 1,000. CPU is that of the whole process, the worker ' +
    'included, until the transport has ended; the time of a log call is that on the application’s own thread. `nothing` is ' +
    'a worker that throws everything away, `file` is `pino.destination` without a worker.',
  columns: [cpuPerEvent, logTime, arrivedPart],
  open: () =>
    openLogger('pino', [
      { name: 'nothing', events: 200_000 },
      { name: 'pino-flume', sink: 'flume', events: 200_000 },
      { name: 'pino-socket', sink: 'tcp', events: 200_000 },
      { name: 'pino-loki', sink: 'loki', events: 50_000, settleMs: 1_500 },
      { name: 'pino-opentelemetry-transport', sink: 'otlp', events: 30_000, settleMs: 1_500 },
      { name: 'pino-elasticsearch', sink: 'elasticsearch', events: 30_000, settleMs: 700 },
      { name: 'file', events: 100_000 },
    ]),
};

const winston: Comparison = {
  id: 'winston',
  title: 'winston: transports',
  about:
    'An application logs records under winston’s default format and yields every 500. CPU is that of the whole process until ' +
    'the transport has delivered; CPU and time of a log call are those of `logger.info`. `nothing` is a transport whose log() ' +
    'calls back and does no more; one that only writes the line into memory shows the floor of all that keep it.',
  columns: [cpuPerEvent, logCpu, logTime, arrivedPart],
  open: () =>
    openLogger('winston', [
      { name: 'nothing', events: 150_000 },
      { name: 'the line, written', events: 150_000 },
      { name: 'winston-flume', sink: 'flume', events: 150_000 },
      { name: 'File', events: 60_000 },
      { name: 'fluent-logger', sink: 'tcp', events: 30_000 },
      { name: 'winston-loki', sink: 'loki', events: 20_000 },
      { name: 'Http, batches', sink: 'http', events: 10_000 },
      { name: 'Http', sink: 'http', events: 3_000 },
    ]),
};

async function openLogger(logger: 'pino' | 'winston', peers: readonly Peer[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'flume-bench-'));
  const kinds = new Set(peers.flatMap(({ sink }) => (sink === undefined ? [] : [sink])));
  const sinks = new Map<SinkKind, Sink>();
  for (const kind of kinds) sinks.set(kind, await startSink(kind, { counting: true }));
  const run = async ({ name, sink: kind, events, settleMs = 300 }: Peer): Promise<Numbers> => {
    const sink = kind === undefined ? undefined : (sinks.get(kind) as Sink);
    await sink?.arrived();
    const warmUp = Math.min(events, 30_000);
    const file = path.join(folder, 'log');
    const numbers = await numbersOf(program(logger, { to: name, events, warmUp, file, port: sink?.port, settleMs }));
    rmSync(file, { force: true });
    if (sink === undefined) return numbers;
    return { ...numbers, arrived: (await sink.arrived()) - warmUp };
  };
  return {
    subjects: peers.map((peer) => ({ name: peer.name, run: () => run(peer) })),
    async close() {
      for (const sink of sinks.values()) await sink.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const loggerComparisons: readonly Comparison[] = [pino, winston];
