// A logger as the README makes it, for the programs here.
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';

export { default as winston } from 'winston';

/** @param given `logger`: options of createLogger(); `transport`: of the transport */
export function flumeLogger({ logger = {}, transport = {} } = {}) {
  return winston.createLogger({ transports: [flumeTransport(transport)], ...logger });
}

export const flumeTransport = (options = {}) => new FlumeTransport({ agents: process.env.FLUME_AGENT, ...options });
