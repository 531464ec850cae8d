// As a test of an application: the timers are replaced, and nobody moves them on.
import { createRequire } from 'node:module';
import { mock } from 'node:test';
import { FlumeTransport, shutdown } from 'winston-flume';
import { createLogger, log, sayWhen, transport } from './flume-logger.mjs';

const never = () => ({ unref() {}, ref() {} });
mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
// Jest's take these too, and put them where nobody can see the difference.
Object.assign(globalThis, { setTimeout: never, setImmediate: never, setInterval: never, queueMicrotask: never });
Object.assign(createRequire(import.meta.url)('node:timers'), { setTimeout: never, setImmediate: never });
performance.now = () => 0;

const logger = createLogger();
log(logger, 10);
const { delivered } = await transport.flush({ timeoutMs: 5_000 });
const dead = new FlumeTransport({ port: Number(process.env.DEAD_PORT) });
dead.on('warn', () => {});
dead.log({ message: 'x' });
const { queued } = await dead.flush({ timeoutMs: 100 });
if (process.argv[2] === 'shutdown') await shutdown(logger, { timeoutMs: 5_000 });
else await new Promise((resolve) => logger.once('finish', resolve).end());

process.stdout.write(`${JSON.stringify({ delivered, queued })}\n`);
sayWhen();
process.exit();
