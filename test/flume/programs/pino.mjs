// Logs records with pino to Flume, from its worker thread, and the same to a file: the witness of what was logged.
import { readFileSync } from 'node:fs';
import pino from 'pino';

const { options, records, witness } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// Two loggers must write the same lines, so time is counted.
const settings = () => {
  let time = 1_700_000_000_000;
  return { level: 'debug', name: 'shop', timestamp: () => `,"time":${time++}` };
};
const flume = pino({ ...settings(), transport: { target: 'pino-flume', options } });
const file = pino(settings(), pino.destination({ dest: witness, sync: true }));
for (const { level, message, fields } of records) {
  flume[level](fields, message);
  file[level](fields, message);
}
await new Promise((resolve) => flume.flush(resolve));
console.log('flushed');
