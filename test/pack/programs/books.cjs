// What one way of loading made, seen by the other: the books of an agent and of both loggers' transports.
const assert = require('node:assert/strict');

async function main(port) {
  for (const [name, make] of [
    ['flume-thrift-client', ({ EmbeddedAgent }) => new EmbeddedAgent({ port })],
    ['winston-flume', ({ FlumeTransport }) => new FlumeTransport({ port })],
  ]) {
    const ways = [require(name), await import(name)];
    for (const [made, seen] of [ways, ways.toReversed()]) {
      const one = make(made);
      const { constructor } = make(seen);
      if (name === 'winston-flume') one.log({ level: 'info', message: name });
      else one.put({ headers: {}, body: name });
      assert.equal(constructor.prototype.stats.call(one).accepted, 1);
      await one.close();
      assert.equal(constructor.prototype.stats.call(one).delivered, 1);
    }
  }
}

void main(Number(process.argv[2]));
