// Makes a logger in one of two ways, forgets it or not, and collects garbage while a record waits and a flush is under way.
import pino from 'pino';
import { pinoFlume } from 'pino-flume';

const [port, way, isKept] = process.argv.slice(2);
const options = { port: Number(port), lingerMs: 60_000 };
let kept;

function log() {
  const logger = way === 'worker' ? pino({ transport: { target: 'pino-flume', options } }) : pino(pinoFlume(options));
  if (isKept === 'kept') kept = logger;
  logger.info('collected');
  return logger;
}

/** Nothing but what is under way holds the logger then. */
function begin() {
  const logger = log();
  if (way === 'worker')
    logger[pino.symbols.streamSym].once('ready', () => setTimeout(() => flush(new WeakRef(logger)), 100));
  else flush(new WeakRef(logger));
}

function flush(logger) {
  logger.deref()?.flush(() => console.log('acknowledged'));
}

begin();
let turns = 0;
const timer = setInterval(() => {
  globalThis.gc();
  turns += 1;
  if (turns === 50) clearInterval(timer);
}, 20);
process.on('exit', () => console.log(kept === undefined ? 'forgotten' : 'kept'));
