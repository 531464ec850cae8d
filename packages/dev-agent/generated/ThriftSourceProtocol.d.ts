// Hand-written: the part of the generated code that is used. The protocols are those of the `thrift` package.
declare namespace ThriftSourceProtocol {
  interface ThriftFlumeEvent {
    headers: Record<string, string> | null;
    body: Buffer | null;
  }

  type Reply = (error: Error | null, status?: number) => void;

  /** With two parameters a method is called synchronously and answers through `reply`. */
  interface Handler {
    append(event: ThriftFlumeEvent | null, reply: Reply): void;
    appendBatch(events: ThriftFlumeEvent[] | null, reply: Reply): void;
  }

  class Processor {
    constructor(handler: Handler);
    /** Reads the arguments and the end of the message; readMessageBegin() has been called before. */
    process_append(seqid: number, input: object, output: object): void;
    process_appendBatch(seqid: number, input: object, output: object): void;
  }

  interface EventToSend {
    headers: Record<string, string>;
    body: Uint8Array | string;
  }

  class Client {
    constructor(output: object, protocol: new (transport: never) => object);
    /** The number of the call that is sent. */
    _seqid: number;
    _reqs: Record<number, (error: Error | null, status?: number) => void>;
    send_append(event: EventToSend): void;
    send_appendBatch(events: EventToSend[]): void;
    recv_append(input: object, type: number, seqid: number): void;
    recv_appendBatch(input: object, type: number, seqid: number): void;
  }
}

export = ThriftSourceProtocol;
