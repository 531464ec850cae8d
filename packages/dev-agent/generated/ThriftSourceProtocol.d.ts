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

  class Client {
    constructor(output: object, protocol: new (transport: never) => object);
    append(event: { headers: Record<string, string>; body: Uint8Array | string }): Promise<number>;
    appendBatch(events: { headers: Record<string, string>; body: Uint8Array | string }[]): Promise<number>;
    recv_append(input: object, type: number, seqid: number): void;
    recv_appendBatch(input: object, type: number, seqid: number): void;
  }
}

export = ThriftSourceProtocol;
