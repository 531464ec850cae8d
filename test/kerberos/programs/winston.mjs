// Logs numbered records with winston, as many as each line of its input says, and ends with it.
import { createInterface } from 'node:readline';
import winston from 'winston';
import { FlumeTransport, shutdown } from 'winston-flume';

const flume = new FlumeTransport(JSON.parse(process.argv[2]));
flume.on('warn', (error) => console.error(error.message));
const logger = winston.createLogger({ transports: [flume] });
let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  for (const end = number + Number(line); number < end; number += 1) logger.info(`winston ${number}`);
  await flume.flush({ timeoutMs: 100 });
}
console.log(JSON.stringify(await shutdown(logger, { timeoutMs: 40_000 })));
