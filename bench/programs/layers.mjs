// The path of an event, layer upon layer, in one process: each number has the layers before it in it.
import { EventEmitter } from 'node:events';
import { openChannel } from '../../.cache/modules/core/channel/open-channel.js';
import { systemClock } from '../../.cache/modules/core/clock.js';
import { EmbeddedAgent } from '../../.cache/modules/core/embedded-agent.js';
import { headerList } from '../../.cache/modules/core/event/flume-event.js';
import { protocolNamed } from '../../.cache/modules/core/thrift/protocols.js';
import { FlumeReplies } from './flume-replies.mjs';
import { eventPool, measure, nextTurn, report, settings } from './meter.mjs';
import { ourCall } from './our-call.mjs';

const { layer, events: count, batch = 100 } = settings;
const pool = eventPool();

function headerLists() {
  let names = 0;
  return async (events) => {
    for (let index = 0; index < events; index += 1) names += headerList(pool[index % pool.length].headers).length;
    return names;
  };
}

function encoded() {
  const batches = Array.from({ length: pool.length / batch }, (_, at) => pool.slice(at * batch, (at + 1) * batch));
  const call = ourCall('compact', batches);
  return async (events) => {
    for (let sent = 0; sent < events; sent += batch) call((sent / batch) % batches.length);
  };
}

function channel() {
  const { channel: memory } = openChannel(
    protocolNamed('compact'),
    [],
    { type: 'memory', capacity: 100_000, byteCapacity: 64 * 1024 * 1024, whenFull: 'drop-newest' },
    { clock: systemClock },
    { settled: () => {}, arrived: () => {}, warn: () => {} },
  );
  return async (events) => {
    for (let index = 0; index < events; index += 1) {
      const { headers, body } = pool[index % pool.length];
      memory.put(headerList(headers), body, false);
      if (index % batch === batch - 1) memory.take(batch, 1024 * 1024).commit();
    }
  };
}

/** Answers every call in the next turn, and sends nothing. */
class EchoSocket extends EventEmitter {
  #replies = new FlumeReplies();
  constructor() {
    super();
    process.nextTick(() => this.emit('connect'));
  }
  write(bytes) {
    const answer = this.#replies.to(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (answer.length > 0) process.nextTick(() => this.emit('data', answer));
    return true;
  }
  cork() {}
  uncork() {}
  unref() {}
  destroy() {}
}

function whole() {
  const agent = new EmbeddedAgent({ flushTimeoutMs: 60_000 }, { dial: () => new EchoSocket() });
  return async (events) => {
    for (let index = 0; index < events; index += 1) {
      agent.put(pool[index % pool.length]);
      if (index % 1_000 === 999) await nextTurn();
    }
    await agent.flush();
  };
}

const run = [headerLists, encoded, channel, whole][layer]();
await run(count / 2);
const stop = measure();
await run(count);
report({ events: count, ...stop() });
process.exit();
