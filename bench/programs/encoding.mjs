// Encodes calls of a batch again and again: with our encoder, or with the `thrift` package and the generated code.
// Both start from the same objects and come to the same bytes, which is checked first.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { eventPool, measure, report, settings } from './meter.mjs';
import { ourCall } from './our-call.mjs';

const { how, protocol, events: count, batch = 100 } = settings;
const require = createRequire(import.meta.url);
const thrift = require('thrift');
const { Client } = require('../../packages/dev-agent/generated/ThriftSourceProtocol.js');
const { ThriftFlumeEvent } = require('../../packages/dev-agent/generated/flume_types.js');

const pool = eventPool();
const batches = Array.from({ length: pool.length / batch }, (_, index) =>
  pool.slice(index * batch, (index + 1) * batch),
);
const thriftBatches = batches.map((events) => events.map((event) => new ThriftFlumeEvent(event)));

let written;
const transport = new thrift.TFramedTransport(undefined, (frame) => {
  written = frame;
});
const client = new Client(transport, protocol === 'binary' ? thrift.TBinaryProtocol : thrift.TCompactProtocol);
function thriftCall(index) {
  // The package calls back when there is an answer; nobody answers here, so what it keeps for that is dropped.
  client._reqs = {};
  client._seqid = 0;
  void client.appendBatch(thriftBatches[index]);
  return written;
}

const ours = ourCall(protocol, batches);
const call = how === 'ours' ? ours : thriftCall;
assert.equal(Buffer.from(ours(3)).compare(thriftCall(3)), 0, 'both encode to the same bytes');

function encode(events) {
  let bytes = 0;
  for (let sent = 0, index = 0; sent < events; sent += batch, index += 1) bytes += call(index % batches.length).length;
  return bytes;
}

encode(count / 4);
const stop = measure();
const bytes = encode(count);
report({ events: count, bytes, ...stop() });
