// The other witness: frames as the `thrift` package and the generated code write them, with none of our own code.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const thrift = require('thrift');
const { Client } = require('../../../dev-agent/generated/ThriftSourceProtocol.js');
const { ThriftFlumeEvent } = require('../../../dev-agent/generated/flume_types.js');

export type WitnessProtocol = 'compact' | 'binary' | 'json';

export interface WitnessEvent {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const protocols = { compact: thrift.TCompactProtocol, binary: thrift.TBinaryProtocol, json: thrift.TJSONProtocol };

/** A whole frame with a call. */
export function callFrame(
  protocol: WitnessProtocol,
  method: 'append' | 'appendBatch',
  sequenceId: number,
  events: readonly WitnessEvent[],
): Buffer {
  let frame: Buffer | undefined;
  const transport = new thrift.TFramedTransport(null, (bytes: Buffer) => {
    frame = bytes;
  });
  const client = new Client(transport, protocols[protocol]);
  client._seqid = sequenceId - 1;
  const thriftEvents = events.map((event) => new ThriftFlumeEvent(event));
  client[method](method === 'append' ? thriftEvents[0] : thriftEvents, () => {});
  if (frame === undefined) throw new Error('the witness wrote nothing');
  return frame;
}

/** A reply without its frame length. */
export function replyMessage(
  protocol: WitnessProtocol,
  method: string,
  sequenceId: number,
  result: { readonly status: number } | { readonly exception: string; readonly type: number },
): Buffer {
  let frame: Buffer | undefined;
  const transport = new thrift.TFramedTransport(null, (bytes: Buffer) => {
    frame = bytes;
  });
  const output = new protocols[protocol](transport);
  const { MessageType, Type } = thrift.Thrift;
  output.writeMessageBegin(method, 'status' in result ? MessageType.REPLY : MessageType.EXCEPTION, sequenceId);
  output.writeStructBegin('result');
  if ('status' in result) {
    output.writeFieldBegin('success', Type.I32, 0);
    output.writeI32(result.status);
    output.writeFieldEnd();
  } else {
    output.writeFieldBegin('message', Type.STRING, 1);
    output.writeString(result.exception);
    output.writeFieldEnd();
    output.writeFieldBegin('type', Type.I32, 2);
    output.writeI32(result.type);
    output.writeFieldEnd();
  }
  output.writeFieldStop();
  output.writeStructEnd();
  output.writeMessageEnd();
  output.flush();
  if (frame === undefined) throw new Error('the witness wrote nothing');
  return frame.subarray(4);
}
