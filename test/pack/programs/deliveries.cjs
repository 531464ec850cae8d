// One record by every way that the packages have; its text is the name of the way. Whoever calls this loads the packages, by
// import or by require(), and has an agent listening.

const ways = {
  async client({ FlumeClient }, port) {
    const client = new FlumeClient({ port });
    await client.append({ headers: {}, body: 'client' });
    await client.close();
  },

  async agent({ EmbeddedAgent }, port) {
    const agent = new EmbeddedAgent({ port });
    agent.put({ headers: {}, body: 'agent' });
    await agent.close();
  },

  async winston({ winston, FlumeTransport }, port) {
    await endLogger(winston, new FlumeTransport({ port }), 'winston');
  },

  async register({ winston }, port) {
    await endLogger(winston, new winston.transports.Flume({ port }), 'register');
  },

  async stream({ pino, pinoFlume }, port) {
    const stream = pinoFlume({ port });
    pino({}, stream).info('stream');
    await stream.flush();
    stream.end();
  },

  async worker({ pino }, port, arrived) {
    const transport = pino.transport({ target: 'pino-flume', options: { port } });
    pino(transport).info('worker');
    // The end stops this thread until the worker has ended, and with it an agent in this thread.
    await arrived?.();
    transport.end();
  },
};

function endLogger(winston, transport, text) {
  const logger = winston.createLogger({ transports: [transport] });
  logger.info(text);
  return new Promise((resolve) => logger.on('finish', resolve).end());
}

/**
 * By all ways, or by those that are named, one after the other.
 *
 * @param arrived where the agent is in this thread: resolves when all have come
 */
async function deliver(packages, port, { names = Object.keys(ways), arrived } = {}) {
  for (const name of names) await ways[name](packages, Number(port), arrived);
}

module.exports = { deliver };
