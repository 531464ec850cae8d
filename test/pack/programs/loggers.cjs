// The loggers by require(), without the dev agent: an agent listens at the port that is the argument.
const { deliver } = require('./deliveries.cjs');
require('winston-flume/register');

const packages = {
  pino: require('pino'),
  ...require('pino-flume'),
  winston: require('winston'),
  ...require('winston-flume'),
};
void deliver(packages, process.argv[2], { names: ['winston', 'register', 'stream', 'worker'] });
