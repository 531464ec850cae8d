import { flumeLogger, winston } from './logger.mjs';

const { combine, colorize, json, simple } = winston.format;
for (const last of [json(), simple()]) {
  flumeLogger({ logger: { format: combine(colorize({ all: true }), last) } }).warn('careful');
}
