// An application that logs through winston to one transport, in bursts, until the transport has delivered. CPU is that of
// the whole process; `logMs` and `logCpuMs` are the time and the CPU that the calls to the logger took.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import Transport from 'winston-transport';
import { measure, nextTurn, report, settings, silence } from './meter.mjs';

const { to, port, events: count, warmUp = Math.min(count, 30_000), turn = 500 } = settings;
const require = createRequire(import.meta.url);
const MESSAGE = Symbol.for('message');

class Nothing extends Transport {
  log(_info, callback) {
    callback();
  }
}

/** What no transport that keeps the line can go below: a format's line is a string in pieces, here put together and written. */
class LineWriter extends Transport {
  #bytes = Buffer.allocUnsafeSlow(1024 * 1024);
  #at = 0;
  log(info, callback) {
    if (this.#at > this.#bytes.length - 65_536) this.#at = 0;
    this.#at += this.#bytes.utf8Write(info[MESSAGE], this.#at);
    callback();
  }
}

const transports = {
  nothing: () => new Nothing(),
  'the line, written': () => new LineWriter(),
  'winston-flume': () => new FlumeTransport({ agents: `127.0.0.1:${port}`, closeTimeoutMs: 60_000 }),
  Http: () => new winston.transports.Http({ host: '127.0.0.1', port, path: '/' }),
  'Http, batches': () =>
    new winston.transports.Http({ host: '127.0.0.1', port, path: '/', batch: true, batchCount: 100 }),
  'winston-loki': () => {
    const LokiTransport = require('winston-loki');
    return new LokiTransport({
      host: `http://127.0.0.1:${port}`,
      labels: { app: 'checkout' },
      json: true,
      interval: 1,
    });
  },
  'fluent-logger': () => {
    const FluentTransport = require('fluent-logger').support.winstonTransport();
    return new FluentTransport('checkout', { host: '127.0.0.1', port, timeout: 3.0, requireAckResponse: false });
  },
  File: () => new winston.transports.File({ filename: settings.file }),
};

const transport = transports[to]();
const logger = winston.createLogger({ transports: [transport] });

let logMs = 0;
let logCpuMs = 0;
async function log(events) {
  for (let logged = 0; logged < events; ) {
    const stopCalls = measure();
    for (let end = Math.min(logged + turn, events); logged < end; logged += 1) {
      logger.info('request completed', {
        reqId: `req-${logged}`,
        method: 'GET',
        url: '/api/items/42',
        status: 200,
        durationMs: 12.7,
        user: { id: 'u-1', role: 'admin' },
      });
    }
    const calls = stopCalls();
    logMs += calls.ms;
    logCpuMs += calls.cpuMs;
    await nextTurn();
    if (logger.writableNeedDrain) await once(logger, 'drain');
  }
}

await log(warmUp);
await drained();
logMs = 0;
logCpuMs = 0;
const stop = measure();
await log(count);
await drained();
report({ events: count, ...stop(), logMs, logCpuMs });
process.exit();

/** Until the transport has sent what it took, as far as it can be asked. */
async function drained() {
  if (to === 'winston-flume') await transport.flush({ timeoutMs: 60_000 });
  else if (to === 'winston-loki') await transport.flush();
  // The others cannot be asked.
  else if (settings.port !== undefined || to === 'File') await silence(300);
}
