// Run by mocha. Without an agent: the suite asks what log() does, and closes nothing.
const { FlumeTransport } = require('winston-flume');

process.removeAllListeners('warning');
require('abstract-winston-transport')({
  name: 'FlumeTransport',
  Transport: FlumeTransport,
  construct: { port: Number(process.env.DEAD_PORT), closeTimeoutMs: 0 },
});
