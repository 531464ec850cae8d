// A logger as the README makes it, in the way that the first argument names: pino's worker, in process, or for the command.
import pino from 'pino';
import { pinoFlume } from 'pino-flume';

export { pino };

const way = process.argv[2];

/**
 * What pino, or a framework that makes one, is given: options, and a stream or none.
 *
 * @param settings of pino
 * @param flume of pino-flume; for the command they are its flags
 */
export function pinoArguments(settings = {}, flume = {}) {
  const options = { agents: process.env.FLUME_AGENT, ...flume };
  if (way === 'worker') return [{ ...settings, transport: { target: 'pino-flume', options } }];
  return way === 'in process' ? [settings, pinoFlume(options)] : [settings];
}

export const flumeLogger = (settings, flume) => pino(...pinoArguments(settings, flume));
