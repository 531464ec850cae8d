// An application that logs through winston to one transport, so many records a second, evenly, and notes how long each call
// took: first at a low rate, as a process does that has just started, then at a higher one. Prints percentiles in µs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import Transport from 'winston-transport';
import { report, settings } from './meter.mjs';

const { to, port, phases } = settings;
const folder = mkdtempSync(path.join(tmpdir(), 'flume-bench-'));

class Nothing extends Transport {
  log(_info, callback) {
    callback();
  }
}

const flume = (more) => {
  const transport = new FlumeTransport({ agents: `127.0.0.1:${port}`, exitTimeoutMs: 0, ...more });
  transport.on('warn', () => {});
  return transport;
};
const transports = {
  nothing: () => new Nothing(),
  memory: () => flume({}),
  file: () => flume({ channel: { type: 'file', dir: path.join(folder, 'spool') } }),
  File: () => new winston.transports.File({ filename: path.join(folder, 'log') }),
};
const logger = winston.createLogger({ transports: [transports[to]()] });

let logged = 0;
function log() {
  logged += 1;
  logger.info('request completed', {
    reqId: `req-${logged}`,
    method: 'GET',
    url: '/api/items/42',
    status: 200,
    durationMs: 12.7,
    user: { id: 'u-1', role: 'admin' },
  });
}

/** Logs at a rate. @returns the time of each call in µs */
function logging({ perSecond, seconds }) {
  const times = new Float64Array(perSecond * seconds);
  const began = performance.now();
  let done = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      // What is due by now: a timer that comes late is made up for.
      const due = Math.min(times.length, Math.floor(((performance.now() - began) * perSecond) / 1_000));
      for (; done < due; done += 1) {
        const start = performance.now();
        log();
        times[done] = 1_000 * (performance.now() - start);
      }
      if (done < times.length) return;
      clearInterval(timer);
      resolve(times);
    }, 1);
  });
}

const numbers = {};
for (const { name, warmUpSeconds, ...phase } of phases) {
  await logging({ ...phase, seconds: warmUpSeconds });
  const times = (await logging(phase)).sort();
  const percentile = (part) => times[Math.min(times.length - 1, Math.floor(part * times.length))];
  numbers[`${name}P50`] = percentile(0.5);
  numbers[`${name}P99`] = percentile(0.99);
  numbers[`${name}P999`] = percentile(0.999);
}
report({ events: logged, ...numbers });
rmSync(folder, { recursive: true, force: true });
process.exit();
