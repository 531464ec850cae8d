import { flumeLogger, winston } from './logger.mjs';

const { combine, timestamp, json, simple, printf, label, ms, errors, metadata, logstash, cli, uncolorize } =
  winston.format;
const formats = {
  'timestamp, json': combine(timestamp(), json()),
  'errors, json': combine(errors({ stack: true }), json()),
  'label, simple': combine(label({ label: 'shop' }), simple()),
  'ms, printf': combine(
    ms(),
    printf(({ level, message, err }) => `[${level}] ${message} ${err.code}`),
  ),
  'metadata, json': combine(metadata({ fillExcept: ['level', 'message'] }), json()),
  logstash: logstash(),
  'cli, uncolorize': combine(cli(), uncolorize()),
  none: timestamp(),
};
const format = formats[process.argv[2]];
const where = process.argv[3];
const logger = flumeLogger({
  logger: where === 'logger' ? { format } : {},
  transport: where === 'transport' ? { format } : {},
});
logger.error('failed', { err: Object.assign(new TypeError('boom', { cause: new Error('inner') }), { code: 'E1' }) });
