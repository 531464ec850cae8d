// Thrift messages, read and written with the `thrift` package and the generated code and with nothing else:
// this agent is the second witness of what our client writes, so it shares no code with it.
//
//   message := name, type (1 call, 2 reply, 3 exception, 4 oneway), seqid, struct
//   call    := struct { 1: event } | struct { 1: list<event> }
//   event   := struct { 1: required map<string, string> headers, 2: required binary body }
//   reply   := struct { 0: i32 status }
//   error   := struct { 1: string message, 2: i32 type }

import generated from 'flume-dev-agent/generated/ThriftSourceProtocol.js';
import type { Protocol } from 'thrift';
import thrift from 'thrift';
import type { BoundedProtocol, BoundedProtocolClass, ProtocolName } from './bounded-protocol.ts';
import { protocols } from './bounded-protocol.ts';
import type { Method, ReceivedEvent } from './call.ts';

export const status = { ok: 0, failed: 1, error: 2, unknown: 3 } as const;

export const messageType = thrift.Thrift.MessageType;

/** TApplicationException.type */
export const exceptionType = { unknownMethod: 1, internalError: 6, protocolError: 7 } as const;

export interface ExceptionText {
  type: number;
  message: string;
}

export type Request =
  | {
      readonly tag: 'call';
      readonly method: Method;
      readonly seqid: number;
      readonly events: ReceivedEvent[];
      /** About how much memory it takes, bodies included. */
      readonly memory: number;
    }
  | {
      /** The server's own answer, before any source sees the call. */
      readonly tag: 'refused';
      readonly method: string;
      readonly seqid: number;
      readonly exception: ExceptionText;
      /** Flume's server stops reading in the middle of the message; what is left spoils the next one. */
      readonly desynchronised: boolean;
    };

export class MessageCodec {
  readonly #protocol: BoundedProtocolClass;
  readonly #processor: generated.Processor;
  /** The argument that the processor has just read; null where it was not there. */
  #read: generated.ThriftFlumeEvent[] | null = null;

  constructor(name: ProtocolName) {
    this.#protocol = protocols[name];
    this.#processor = new generated.Processor({
      // The second parameter makes the generated code call us synchronously; we answer on our own.
      append: (event, _reply) => {
        this.#read = event === null ? null : [event];
      },
      appendBatch: (events, _reply) => {
        this.#read = events;
      },
    });
  }

  /** Reads one message from the start of `bytes`; throws where it is none, or not all of it is there. */
  decode(bytes: Buffer): { request: Request; consumed: number } {
    const transport = new thrift.TFramedTransport(bytes);
    const input = new this.#protocol(transport);
    const begin = input.readMessageBegin();
    // An old-style binary message has its name as bytes.
    const method = String(begin.fname);
    // The compact reader gives negative numbers as unsigned.
    const seqid = begin.rseqid | 0;
    const request = this.#decodeArguments(input, method, seqid, bytes.length);
    return { request, consumed: transport.readPos };
  }

  /** The payload of a reply; without `value` a reply whose result is missing. */
  reply(method: string, seqid: number, value: number | undefined, type: number = messageType.REPLY): Buffer {
    return this.#encode(method, type, seqid, (output) => {
      output.writeStructBegin('result');
      if (value !== undefined) {
        output.writeFieldBegin('success', thrift.Thrift.Type.I32, 0);
        output.writeI32(value);
        output.writeFieldEnd();
      }
      output.writeFieldStop();
      output.writeStructEnd();
    });
  }

  exception(method: string, seqid: number, { type, message }: ExceptionText): Buffer {
    const exception = new thrift.Thrift.TApplicationException(type, message);
    exception.code = type;
    return this.#encode(method, messageType.EXCEPTION, seqid, (output) => exception.write(output));
  }

  #decodeArguments(input: BoundedProtocol, method: string, seqid: number, bytes: number): Request {
    const refused = (type: number, message: string, desynchronised = false): Request => {
      return { tag: 'refused', method, seqid, exception: { type, message }, desynchronised };
    };
    this.#read = null;
    switch (method) {
      case 'append':
        this.#processor.process_append(seqid, input, noOutput);
        break;
      case 'appendBatch':
        this.#processor.process_appendBatch(seqid, input, noOutput);
        break;
      default:
        input.skip(thrift.Thrift.Type.STRUCT);
        input.readMessageEnd();
        return refused(exceptionType.unknownMethod, `Invalid method name: '${quoted(method)}'`);
    }
    if (this.#read === null) return refused(exceptionType.internalError, internalError(method));
    const read: generated.ThriftFlumeEvent[] = this.#read;
    const events: ReceivedEvent[] = [];
    for (const { headers, body } of read) {
      if (headers === null || body === null) {
        return refused(exceptionType.protocolError, missingField(headers, body), true);
      }
      events.push({ headers, body });
    }
    return { tag: 'call', method, seqid, events, memory: bytes + input.taken };
  }

  #encode(method: string, type: number, seqid: number, writeBody: (output: Protocol) => void): Buffer {
    let message: Buffer = Buffer.alloc(0);
    const transport = new thrift.TBufferedTransport(undefined, (bytes) => {
      message = bytes;
    });
    const output = new this.#protocol(transport);
    output.writeMessageBegin(method, type, seqid);
    writeBody(output);
    output.writeMessageEnd();
    transport.flush();
    return message;
  }
}

/** Flume 1.11's words when the source throws. */
export function internalError(method: string): string {
  return `Internal error processing ${method}`;
}

/** True where a message may be whole once more bytes have come. */
export function isIncomplete(error: unknown): boolean {
  return error instanceof thrift.InputBufferUnderrunError;
}

const noOutput = {};

/** The part of a client's own bytes that comes back in an error. */
const mostQuoted = 1_000;

const quoted = (text: string): string => (text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text);

// The words of Java's generated code: the field, then the struct as toString() shows it.
function missingField(headers: Record<string, string> | null, body: Buffer | null): string {
  const field = headers === null ? 'headers' : 'body';
  const pairs = headers && Object.entries(headers).map(([name, value]) => `${name}=${value}`);
  const shownHeaders = pairs && `{${quoted(pairs.join(', '))}}`;
  const hex = body?.subarray(0, mostQuoted).toString('hex').toUpperCase();
  const shownBody = body && `${(hex?.match(/../g) ?? []).join(' ')}${body.length > mostQuoted ? ' …' : ''}`;
  const struct = `ThriftFlumeEvent(headers:${shownHeaders}, body:${shownBody})`;
  return `Required field '${field}' was not present! Struct: ${struct}`;
}
