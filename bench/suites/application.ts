// What the application feels: how long a log call takes, the longest turn of the event loop, and what an event costs in
// things that can be counted.
import type { Column, Comparison, Subject } from '../harness/comparison.ts';
import { decayCounts } from '../harness/decay.ts';
import { numbersOf, program } from '../harness/program.ts';
import { startSink } from '../harness/sink.ts';

// Of nothing: there nobody listens.
const noPort = 1;
// An agent that drops each connection so soon, that cannot be used for long, is one to which we reconnect all the time.
const shortLifeMs = 50;

const phases = [
  { name: 'slow', perSecond: 1_000, warmUpSeconds: 0.5, seconds: 3 },
  { name: 'fast', perSecond: 10_000, warmUpSeconds: 0.3, seconds: 1.2 },
];
const percentiles: readonly Column[] = [
  ['slowP50', '1,000/s: p50 (µs)'],
  ['slowP99', 'p99'],
  ['slowP999', 'p99.9'],
  ['fastP50', '10,000/s: p50 (µs)'],
  ['fastP99', 'p99'],
  ['fastP999', 'p99.9'],
].map(([id = '', title = '']) => ({ id, title, digits: 0 }));

async function sinks() {
  const [healthy, slow, reconnecting, mute] = await Promise.all([
    startSink('flume'),
    startSink('flume', { delayMs: 200 }),
    startSink('flume', { lifeMs: shortLifeMs }),
    startSink('mute'),
  ]);
  const close = async () => void (await Promise.all([healthy, slow, reconnecting, mute].map((sink) => sink.close())));
  return { healthy, slow, reconnecting, mute, close };
}

const latency: Comparison = {
  id: 'latency',
  title: 'winston: what a log call takes',
  about:
    'An application has just started and logs 1,000 records a second, evenly, for half a second and then for three measured ' +
    'ones; then 10,000 a second. Each call of `logger.info` is timed. A slow agent answers after 200 ms, a down one refuses ' +
    'the connection, a mute one never answers, and one to reconnect to drops each connection after 50 ms. ' +
    'Of 3,000 calls the three slowest decide p99.9: with every transport, the one that does nothing included, these are the ' +
    'calls in which V8 collects its young generation, 0.4 to 0.6 ms every 600 to 1,100 records while the process is young; ' +
    'after them come the first calls, on code that is not compiled yet.',
  columns: percentiles,
  async open() {
    const { healthy, slow, reconnecting, mute, close } = await sinks();
    const subject = (name: string, to: string, port = noPort): Subject => ({
      name,
      run: () => numbersOf(program('latency', { to, port, phases })),
    });
    return {
      subjects: [
        subject('nothing', 'nothing'),
        subject('File', 'File'),
        subject('winston-flume', 'memory', healthy.port),
        subject('winston-flume, slow agent', 'memory', slow.port),
        subject('winston-flume, agent down', 'memory'),
        subject('winston-flume, reconnecting', 'memory', reconnecting.port),
        subject('winston-flume, mute agent', 'memory', mute.port),
        subject('winston-flume, file channel', 'file', healthy.port),
      ],
      close,
    };
  },
};

const turns: Comparison = {
  id: 'turns',
  title: 'The longest turn',
  about:
    'The longest turn of the event loop, garbage collections aside, after an `EmbeddedAgent` was given 90,000 events: while ' +
    'all of them become too old and go into a file of dead letters; while its agent refuses, never answers, or drops each ' +
    'connection after 50 ms; and while a new process finds 45,000 in files and delivers them.',
  columns: [{ id: 'longestTurn', title: 'longest turn (ms)', digits: 1 }],
  async open() {
    const { healthy, reconnecting, mute, close } = await sinks();
    const refusing = await startSink('flume', { status: 1 });
    const subject = (name: string, scene: string, port = noPort): Subject => ({
      name,
      run: () => numbersOf(program('turns', { scene, port, healthyPort: healthy.port, events: 90_000 })),
    });
    return {
      subjects: [
        subject('expiry into dead letters', 'expiry'),
        subject('an agent that refuses', 'trouble', refusing.port),
        subject('a mute agent', 'trouble', mute.port),
        subject('an agent to reconnect to', 'trouble', reconnecting.port),
        subject('files of an earlier process', 'recovery'),
      ],
      close: async () => {
        await refusing.close();
        await close();
      },
    };
  },
};

const counts: Comparison = {
  id: 'counts',
  title: 'What 1,000 events cost in things that can be counted',
  about:
    'The same counts as the guard against decay in `npm test`. Bytes on the heap are those of `put()`, from an object of ' +
    'headers or a list, and of a line that pino’s worker hands on.',
  columns: [
    ['heapBytesOfObjects', 'heap bytes, objects'],
    ['heapBytesOfLists', 'lists'],
    ['heapBytesOfPinoLines', 'pino lines'],
    ['socketWrites', 'writes'],
    ['socketFlushes', 'flushes'],
    ['timers', 'timers'],
    ['turns', 'turns'],
  ].map(([id = '', title = '']) => ({ id, title, digits: 0 })),
  rounds: 1,
  open: async () => ({ subjects: [{ name: 'EmbeddedAgent', run: decayCounts }], close: async () => {} }),
};

export const applicationComparisons: readonly Comparison[] = [latency, turns, counts];
