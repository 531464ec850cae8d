// Logs records with winston to Flume and, line by line, to a file: the witness of what was logged.
import { createWriteStream, readFileSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import winston from 'winston';
import { FlumeTransport, shutdown } from 'winston-flume';

const { options, records, witness } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const flume = new FlumeTransport(options);
const file = createWriteStream(witness);
const logger = winston.createLogger({
  level: 'debug',
  defaultMeta: { logger: 'shop' },
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [flume, new winston.transports.Stream({ stream: file, eol: '\n' })],
});
for (const { level, message, fields } of records) logger.log(level, message, fields);

const report = await shutdown(logger);
file.end();
await finished(file);
console.log(JSON.stringify(report));
