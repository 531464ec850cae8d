// Delivers events to a source until every one is acknowledged: by our EmbeddedAgent, by the `thrift` package's client, or as
// frames encoded beforehand on a bare socket, which is the limit. `fresh` events are made in the loop, as an application does.
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { EmbeddedAgent } from 'flume-thrift-client';
import { checkDelivered, deliver } from './agent-delivery.mjs';
import { eventPool, freshEvent, measure, report, settings } from './meter.mjs';
import { ourCall } from './our-call.mjs';

const { how, ports, events: count, warmUp = count / 4, batch = 100, bodyBytes = 200, protocol = 'compact' } = settings;
const { inFlight = 4, burst = 100, fresh = false } = settings;
const pool = eventPool(bodyBytes);
const batches = Array.from({ length: pool.length / batch }, (_, index) =>
  pool.slice(index * batch, (index + 1) * batch),
);

async function viaAgent() {
  const agent = new EmbeddedAgent({
    agents: ports.map((port) => `127.0.0.1:${port}`),
    processor: ports.length > 1 ? 'load_balance' : 'failover',
    protocol,
    ...(settings.batch === undefined ? {} : { batchSize: batch }),
    ...(settings.inFlight === undefined ? {} : { maxInFlight: inFlight }),
    flushTimeoutMs: 600_000,
  });
  await agent.ready();
  const eventAt = fresh ? freshEvent : (number) => pool[number % pool.length];
  const numbers = await measured((events) => deliver(agent, eventAt, events, burst));
  checkDelivered(agent, warmUp + count);
  await agent.close();
  return numbers;
}

async function viaThrift() {
  const require = createRequire(import.meta.url);
  const thrift = require('thrift');
  const { Client } = require('../../packages/dev-agent/generated/ThriftSourceProtocol.js');
  const { ThriftFlumeEvent } = require('../../packages/dev-agent/generated/flume_types.js');
  const connection = thrift.createConnection('127.0.0.1', ports[0], {
    transport: thrift.TFramedTransport,
    protocol: protocol === 'binary' ? thrift.TBinaryProtocol : thrift.TCompactProtocol,
  });
  const client = thrift.createClient(Client, connection);
  const calls = batches.map((events) => events.map((event) => new ThriftFlumeEvent(event)));
  const call = async (index, done) => {
    await client.appendBatch(calls[index % calls.length]);
    done();
  };
  const numbers = await measured((events) => windowed(events / batch, call));
  connection.destroy();
  return numbers;
}

async function viaSocket() {
  const call = ourCall(protocol, batches);
  const frames = batches.map((_, index) => Buffer.from(call(index)));
  const socket = connect({ host: '127.0.0.1', port: ports[0], noDelay: true });
  const waiting = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      rest = rest.subarray(4 + rest.readInt32BE(0));
      waiting.shift()();
    }
  });
  const numbers = await measured((events) =>
    windowed(events / batch, (index, done) => {
      waiting.push(done);
      socket.write(frames[index % frames.length]);
    }),
  );
  socket.destroy();
  return numbers;
}

/** Makes `total` calls with several in flight. */
function windowed(total, call) {
  return new Promise((resolve) => {
    let made = 0;
    let answered = 0;
    const done = () => {
      answered += 1;
      if (answered === total) resolve();
      else next();
    };
    const next = () => {
      while (made < total && made - answered < inFlight) void call(made++, done);
    };
    next();
  });
}

async function measured(send) {
  // In parts, since what follows a loop is compiled again when the loop has ended for the first time.
  const parts = 5;
  for (let part = 0; part < parts; part += 1) await send(warmUp / parts);
  const stop = measure();
  await send(count);
  return { events: count, ...stop() };
}

report(await { agent: viaAgent, thrift: viaThrift, socket: viaSocket }[how]());
