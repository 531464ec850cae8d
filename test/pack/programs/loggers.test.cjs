// A user's test in Jest. An agent listens at FLUME_PORT.
const { deliver } = require('./deliveries.cjs');

test('every package but the dev agent', async () => {
  require('winston-flume/register');
  const packages = {
    ...require('flume-thrift-client'),
    pino: require('pino'),
    ...require('pino-flume'),
    winston: require('winston'),
    ...require('winston-flume'),
  };
  await deliver(packages, process.env.FLUME_PORT);
}, 30_000);
