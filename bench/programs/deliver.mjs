// Delivers events to a source until every one is acknowledged: by our EmbeddedAgent, by the `thrift` package's client, or as
// frames encoded beforehand on a bare socket, which is the limit.
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedAgent } from 'flume-thrift-client';
import { eventPool, measure, nextTurn, report, settings } from './meter.mjs';
import { ourCall } from './our-call.mjs';

const { how, ports, events: count, warmUp = count / 4, batch = 100, bodyBytes = 200, protocol = 'compact' } = settings;
const inFlight = settings.inFlight ?? 4;
const pool = eventPool(bodyBytes);
const batches = Array.from({ length: pool.length / batch }, (_, index) =>
  pool.slice(index * batch, (index + 1) * batch),
);

async function viaAgent() {
  const agent = new EmbeddedAgent({
    agents: ports.map((port) => `127.0.0.1:${port}`),
    processor: ports.length > 1 ? 'load_balance' : 'failover',
    protocol,
    ...(batch === 100 ? {} : { batchSize: batch }),
    ...(settings.inFlight === undefined ? {} : { maxInFlight: inFlight }),
    flushTimeoutMs: 600_000,
  });
  await agent.ready();
  const send = async (events) => {
    for (let put = 0; put < events; ) {
      // Well below the channel's bounds, so that nothing is dropped; asleep meanwhile, since turning round costs CPU.
      while (agent.stats().queued.bytes > 6_000_000) await delay(2);
      // A burst as an application's turn of the event loop has it: a longer one would leave the agent without work.
      for (let turn = 0; turn < 100 && put < events; turn += 1, put += 1) agent.put(pool[put % pool.length]);
      await nextTurn();
    }
    await agent.flush();
  };
  const numbers = await measured(send);
  const { dropped, delivered } = agent.stats();
  if (delivered !== warmUp + count) throw new Error(`${delivered} delivered; dropped: ${JSON.stringify(dropped)}`);
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
  return { events: count, calls: count / batch, bytes: count * eventBytes(), ...stop() };
}

/** Encoded bytes of an event, on average. */
function eventBytes() {
  const call = ourCall(protocol, batches);
  return batches.reduce((sum, _, index) => sum + call(index).length, 0) / pool.length;
}

report(await { agent: viaAgent, thrift: viaThrift, socket: viaSocket }[how]());
