// An application that logs through pino to one transport, at its own pace, until the transport has ended. CPU is that of the
// whole process, the worker included; `logMs` is the time that the calls took on the application's own thread.
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { measure, nextTurn, report, settings, silence } from './meter.mjs';

const { to, port, events: count, warmUp = Math.min(count, 50_000), turn = 1_000 } = settings;
const http = `http://127.0.0.1:${port}`;

const targets = {
  nothing: { target: new URL('./pino-nothing.mjs', import.meta.url).href },
  'pino-flume': { target: 'pino-flume', options: { agents: `127.0.0.1:${port}` } },
  'pino-loki': {
    target: 'pino-loki', // By default it keeps 10,000 lines and silently drops the rest.
    options: { host: http, labels: { app: 'checkout' }, batching: { interval: 1, maxBufferSize: 1_000_000 } },
  },
  'pino-opentelemetry-transport': {
    target: 'pino-opentelemetry-transport',
    options: {
      resourceAttributes: { 'service.name': 'checkout' },
      logRecordProcessorOptions: {
        recordProcessorType: 'batch',
        // Its default keeps 2,048 records and silently drops the rest.
        processorConfig: { maxQueueSize: 1_000_000 },
        exporterOptions: { protocol: 'http/protobuf', protobufExporterOptions: { url: `${http}/v1/logs` } },
      },
    },
  },
  'pino-elasticsearch': {
    target: 'pino-elasticsearch',
    options: { node: http, index: 'logs', esVersion: 9, flushBytes: 1024 * 1024, flushInterval: 500 },
  },
  'pino-socket': { target: 'pino-socket', options: { address: '127.0.0.1', port, mode: 'tcp' } },
};

const stream = to === 'file' ? pino.destination(settings.file) : pino.transport(targets[to]);
const logger = pino({ base: { pid: 4711, hostname: 'web-1.example.org' } }, stream);
if (to !== 'file') await new Promise((resolve) => stream.once('ready', resolve));

// pino's worker does not keep the process alive, and a wait for it would end with the process.
setInterval(() => {}, 1_000);

let logMs = 0;
async function log(events) {
  for (let logged = 0; logged < events; ) {
    const start = performance.now();
    for (let end = Math.min(logged + turn, events); logged < end; logged += 1) {
      logger.info(
        {
          reqId: `req-${logged}`,
          method: 'GET',
          url: '/api/items/42',
          status: 200,
          durationMs: 12.7,
          user: { id: 'u-1' },
        },
        'request completed',
      );
    }
    logMs += performance.now() - start;
    await nextTurn();
    if (stream.writableNeedDrain) await new Promise((resolve) => stream.once('drain', resolve));
  }
}

await log(warmUp);
// Transports that send in intervals are to have sent the warm-up.
await delay(settings.settleMs);
logMs = 0;
const stop = measure();
await log(count);
const loggedIn = stop();
// pino-elasticsearch never ends: it has sent everything when the process falls silent.
if (to === 'pino-elasticsearch') await silence(1_000);
else await ended();
report({ events: count, ...stop(), logMs, loggedInMs: loggedIn.ms });
process.exit();

function ended() {
  return new Promise((resolve) => {
    stream.once(to === 'file' ? 'finish' : 'close', resolve);
    stream.end();
  });
}
