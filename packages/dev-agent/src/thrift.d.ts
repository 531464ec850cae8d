// The part of the `thrift` package that is used here; it brings no types of its own.
declare module 'thrift' {
  export interface Transport {
    /** How far the message has been read. */
    readPos: number;
    flush(): void;
  }
  export interface Protocol {
    readMessageBegin(): { fname: string | Buffer; mtype: number; rseqid: number };
    readMessageEnd(): void;
    skip(type: number): void;
    writeMessageBegin(name: string, type: number, seqid: number): void;
    writeMessageEnd(): void;
    writeStructBegin(name: string): void;
    writeStructEnd(): void;
    writeFieldBegin(name: string, type: number, id: number): void;
    writeFieldEnd(): void;
    writeFieldStop(): void;
    writeI32(value: number): void;
    flush(): void;
  }
  export type ProtocolClass = new (transport: Transport) => Protocol;
  export type TransportClass = new (bytes?: Buffer, onFlush?: (message: Buffer) => void) => Transport;

  export interface ApplicationException extends Error {
    type: number;
    /** The package reads `type` and writes `code`. */
    code: number;
    write(output: Protocol): void;
  }

  const thrift: {
    Thrift: {
      Type: { STRUCT: number; I32: number };
      MessageType: { CALL: number; REPLY: number; EXCEPTION: number; ONEWAY: number };
      TApplicationException: new (type?: number, message?: string) => ApplicationException;
    };
    TFramedTransport: TransportClass;
    TBufferedTransport: TransportClass;
    TCompactProtocol: ProtocolClass;
    TBinaryProtocol: ProtocolClass;
    TJSONProtocol: ProtocolClass;
    InputBufferUnderrunError: new () => Error;
  };
  export default thrift;
}
