// The part of the `thrift` package that is used here; it brings no types of its own.
declare module 'thrift' {
  export interface Transport {
    readonly inBuf: Buffer;
    /** How far the message has been read. */
    readPos: number;
    flush(): void;
  }
  export interface MessageBegin {
    fname: string | Buffer;
    mtype: number;
    rseqid: number;
  }
  export interface FieldBegin {
    fname: string;
    ftype: number;
    fid: number;
  }
  export interface Count {
    size: number;
    etype?: number;
  }
  export interface MapCount extends Count {
    ktype: number;
    vtype: number;
  }
  export interface Protocol {
    readMessageBegin(): MessageBegin;
    readMessageEnd(): void;
    readStructBegin(): void;
    readStructEnd(): void;
    readFieldBegin(): FieldBegin;
    readFieldEnd(): void;
    readListBegin(): Count;
    readListEnd(): void;
    readSetBegin(): Count;
    readMapBegin(): MapCount;
    readMapEnd(): void;
    readString(): string;
    readBinary(): Buffer;
    skip(type: number, depth?: number): void;
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
      Type: Readonly<
        Record<
          | 'STOP'
          | 'BOOL'
          | 'BYTE'
          | 'DOUBLE'
          | 'I16'
          | 'I32'
          | 'I64'
          | 'STRING'
          | 'STRUCT'
          | 'MAP'
          | 'SET'
          | 'LIST'
          | 'UUID',
          number
        >
      >;
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
