// Our encoder without the agent around it: from the built package, one growing buffer, as the channel uses it.
import { headerList } from '../../.cache/modules/core/event/flume-event.js';
import { eventSizeBound } from '../../.cache/modules/core/thrift/protocol.js';
import { protocolNamed } from '../../.cache/modules/core/thrift/protocols.js';

/** @returns a function that encodes the whole call for a batch, valid until the next */
export function ourCall(protocolName, batches) {
  const protocol = protocolNamed(protocolName);
  const fixed = protocol.fixHeaders([]);
  const headRoom = 64;
  let target = Buffer.allocUnsafeSlow(256 * 1024);

  return (index) => {
    const events = batches[index];
    let at = headRoom;
    for (const { headers, body } of events) {
      const list = headerList(headers);
      const bound = eventSizeBound(protocol, fixed, list, body);
      if (at + bound > target.length) {
        const grown = Buffer.allocUnsafeSlow(2 * target.length + bound);
        target.copy(grown, 0, 0, at);
        target = grown;
      }
      at = protocol.writeEvent(target, at, fixed, list, body);
    }
    const head = protocol.callHead('appendBatch', 1, events.length, at - headRoom);
    const tail = protocol.callTail('appendBatch');
    target.set(tail, at);
    target.set(head, headRoom - head.length);
    return target.subarray(headRoom - head.length, at + tail.length);
  };
}
