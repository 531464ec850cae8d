// Our encoder without the agent around it: from the built package, one growing buffer, as the channel uses it.
import { headerList } from '../../.cache/modules/core/event/flume-event.js';
import { noRoom } from '../../.cache/modules/core/thrift/protocol.js';
import { protocolNamed } from '../../.cache/modules/core/thrift/protocols.js';

/** @returns a function that encodes the whole call for a batch, valid until the next */
export function ourCall(protocolName, batches) {
  const protocol = protocolNamed(protocolName);
  const fixed = protocol.fixHeaders([]);
  const texts = [];
  const headRoom = 64;
  let target = Buffer.allocUnsafeSlow(256 * 1024);

  function writeInLarger(at, list, body) {
    const grown = Buffer.allocUnsafeSlow(2 * target.length + protocol.eventSize(fixed, list, body));
    target.copy(grown, 0, 0, at);
    target = grown;
    return protocol.writeEvent(target, at, fixed, list, body);
  }

  return (index) => {
    const events = batches[index];
    let at = headRoom;
    for (const { headers, body } of events) {
      const list = headerList(headers, texts);
      const end = protocol.writeEvent(target, at, fixed, list, body);
      at = end === noRoom ? writeInLarger(at, list, body) : end;
    }
    const head = protocol.callHead('appendBatch', 1, events.length, at - headRoom);
    const tail = protocol.callTail('appendBatch');
    target.set(tail, at);
    target.set(head, headRoom - head.length);
    return target.subarray(headRoom - head.length, at + tail.length);
  };
}
