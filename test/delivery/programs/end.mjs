// Logs numbered events by one of the ways, and ends in one of the ways. Settings come as JSON.
import { createRequire } from 'node:module';

const { way, end, count, options, deadLetter, again } = JSON.parse(process.argv[2]);
let dead = 0;
if (deadLetter) options.deadLetter = () => (dead += 1);
// Both reach the same code; what a program itself is makes a difference to when it ends.
const require = createRequire(import.meta.url);

const ways = {
  agent() {
    const { EmbeddedAgent } = require('flume-thrift-client');
    const agent = new EmbeddedAgent(options);
    agent.on('warning', () => {});
    if (again) agent.once('drop', () => agent.put({ body: 'again' }));
    return { log: (number) => agent.put({ body: `${number}` }), stats: () => agent.stats() };
  },
  winston() {
    const winston = require('winston');
    const { FlumeTransport } = require('winston-flume');
    const transport = new FlumeTransport({ ...options, body: 'message' });
    const logger = winston.createLogger({ transports: [transport] });
    logger.on('warn', () => {});
    return { log: (number) => logger.info(`${number}`), stats: () => transport.stats() };
  },
  pino() {
    const pino = require('pino');
    const { pinoFlume } = require('pino-flume');
    const stream = pinoFlume({ ...options, body: 'message' });
    stream.on('warning', () => {});
    const logger = pino({ level: 'info' }, stream);
    return { log: (number) => logger.info(`${number}`), stats: () => stream.stats() };
  },
};

let number = 0;
const logSome = (some = count) => {
  for (const last = number + some; number < last; number++) log(number);
};
const { log, stats } = ways[way]();
// When all listeners have had their turn.
const { emit } = process;
process.emit = function (name, ...args) {
  const had = emit.call(this, name, ...args);
  if (name === 'exit') process.stdout.write(`${JSON.stringify({ stats: stats(), dead })}\n`);
  return had;
};

const ends = {
  exit() {
    logSome();
    process.exit(3);
  },
  'exit later'() {
    logSome(count / 2);
    setTimeout(() => {
      logSome(count / 2);
      process.exit(3);
    }, 20);
  },
  exception() {
    logSome();
    throw new Error('an exception');
  },
  'exception later'() {
    logSome();
    setTimeout(() => {
      throw new Error('an exception');
    }, 20);
  },
  rejection() {
    logSome();
    void Promise.reject(new Error('a rejection'));
  },
  monitor() {
    process.on('uncaughtExceptionMonitor', () => logSome());
    throw new Error('an exception');
  },
  'exit listener behind'() {
    logSome(count / 2);
    process.on('exit', () => logSome(count / 2));
    process.exit(3);
  },
  'beforeExit listener'() {
    let isFirst = true;
    process.on('beforeExit', () => {
      if (isFirst) logSome();
      isFirst = false;
    });
  },
  'exit listener alone'() {
    process.on('exit', () => logSome());
  },
  nothing() {
    process.exit(3);
  },
};
if (end === 'await') {
  logSome();
  await new Promise(() => {});
} else {
  ends[end]();
}
