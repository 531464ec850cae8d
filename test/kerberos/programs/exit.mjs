// Logs fifty records with winston and ends at once by process.exit().
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';

const logger = winston.createLogger({ transports: [new FlumeTransport(JSON.parse(process.argv[2]))] });
for (let number = 0; number < 50; number += 1) logger.info(`exit ${number}`);
process.exit(0);
