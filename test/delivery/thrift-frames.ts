// The wire as a simulated agent sees it, read and written without the core's own code, so that one mistake cannot hide on
// both sides. Short, and strict where it costs nothing: what is read must end where the frame does.

export type WireProtocol = 'compact' | 'binary';

export interface WireEvent {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
  /** As encoded. */
  readonly byteLength: number;
}

export interface WireRequest {
  readonly method: string;
  readonly sequenceId: number;
  readonly events: readonly WireEvent[];
}

export function readRequest(frame: Buffer, protocol: WireProtocol): WireRequest {
  if (frame.readInt32BE(0) !== frame.length - 4) throw new Error('the frame length is not that of the frame');
  return protocol === 'compact' ? new CompactRequest(frame).read() : new BinaryRequest(frame).read();
}

abstract class Request {
  protected at = 4;
  protected readonly frame: Buffer;

  constructor(frame: Buffer) {
    this.frame = frame;
  }

  read(): WireRequest {
    const { method, sequenceId, count } = this.readHead();
    if (method !== 'appendBatch') throw new Error(`method ${method}`);
    const events: WireEvent[] = [];
    for (let index = 0; index < count; index++) events.push(this.#readEvent());
    this.expect(0);
    if (this.at !== this.frame.length) throw new Error('bytes after the message');
    return { method, sequenceId, events };
  }

  #readEvent(): WireEvent {
    const from = this.at;
    const headers: string[] = [];
    for (let texts = 2 * this.readMapHead(); texts > 0; texts--) headers.push(this.readString());
    this.readBodyHead();
    const body = this.readString();
    this.expect(0);
    return { headers, body, byteLength: this.at - from };
  }

  protected readString(): string {
    const length = this.readLength();
    this.at += length;
    if (this.at > this.frame.length) throw new Error('a string beyond the frame');
    return this.frame.toString('utf8', this.at - length, this.at);
  }

  protected expect(...bytes: readonly number[]): void {
    for (const byte of bytes) {
      const found = this.frame[this.at++];
      if (found !== byte) throw new Error(`byte ${found} at ${this.at - 1} of the frame, expected ${byte}`);
    }
  }

  protected abstract readHead(): { method: string; sequenceId: number; count: number };
  protected abstract readMapHead(): number;
  protected abstract readBodyHead(): void;
  protected abstract readLength(): number;
}

class CompactRequest extends Request {
  protected readHead(): { method: string; sequenceId: number; count: number } {
    this.expect(0x82, 0x21);
    const sequenceId = this.readLength();
    const method = this.readString();
    this.expect(0x19);
    const list = this.frame[this.at++] as number;
    if ((list & 0x0f) !== 0x0c) throw new Error('a list of something else');
    return { method, sequenceId, count: list >> 4 < 15 ? list >> 4 : this.readLength() };
  }

  protected readMapHead(): number {
    this.expect(0x1b);
    const count = this.readLength();
    if (count > 0) this.expect(0x88);
    return count;
  }

  protected readBodyHead(): void {
    this.expect(0x18);
  }

  protected readLength(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.frame[this.at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

class BinaryRequest extends Request {
  protected readHead(): { method: string; sequenceId: number; count: number } {
    this.expect(0x80, 1, 0, 1);
    const method = this.readString();
    const sequenceId = this.readLength();
    this.expect(0x0f, 0, 1, 0x0c);
    return { method, sequenceId, count: this.readLength() };
  }

  protected readMapHead(): number {
    this.expect(0x0d, 0, 1, 0x0b, 0x0b);
    return this.readLength();
  }

  protected readBodyHead(): void {
    this.expect(0x0b, 0, 2);
  }

  protected readLength(): number {
    this.at += 4;
    return this.frame.readInt32BE(this.at - 4);
  }
}

/** A reply with a status: 0 is OK, 1 FAILED, 2 ERROR, 3 UNKNOWN. */
export function statusReply(protocol: WireProtocol, sequenceId: number, status: number): Buffer {
  const result = protocol === 'compact' ? [5, 0, 2 * status, 0] : [8, 0, 0, 0, 0, 0, status, 0];
  return message(protocol, 2, sequenceId, 'appendBatch', result);
}

/** A TApplicationException of type 6, as Flume answers where something within it throws. */
export function exceptionReply(protocol: WireProtocol, sequenceId: number): Buffer {
  const text = [...Buffer.from('Internal error processing appendBatch')];
  const result =
    protocol === 'compact'
      ? [0x18, text.length, ...text, 0x15, 12, 0]
      : [11, 0, 1, 0, 0, 0, text.length, ...text, 8, 0, 2, 0, 0, 0, 6, 0];
  return message(protocol, 3, sequenceId, 'appendBatch', result);
}

/** The kinds of reply that no Flume source gives, each of them whole. */
export const strangeReplies: readonly ((protocol: WireProtocol, sequenceId: number) => Buffer)[] = [
  (protocol, sequenceId) => statusReply(protocol, sequenceId + 1, 0),
  (protocol, sequenceId) => statusReply(protocol, sequenceId, 7),
  (protocol, sequenceId) => message(protocol, 2, sequenceId, 'append', [0]),
  (protocol, sequenceId) => framed(Buffer.concat([statusReply(protocol, sequenceId, 0).subarray(4), Buffer.of(0)])),
  (protocol, sequenceId) => statusReply(protocol === 'compact' ? 'binary' : 'compact', sequenceId, 0),
  () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  () => Buffer.alloc(8),
];

function message(
  protocol: WireProtocol,
  type: number,
  sequenceId: number,
  method: string,
  result: readonly number[],
): Buffer {
  const name = [...Buffer.from(method)];
  const sequence =
    protocol === 'compact' ? varint(sequenceId) : [sequenceId >>> 24, sequenceId >>> 16, sequenceId >>> 8, sequenceId];
  const head =
    protocol === 'compact'
      ? [0x82, (type << 5) | 1, ...sequence, name.length, ...name]
      : [0x80, 1, 0, type, 0, 0, 0, name.length, ...name, ...sequence];
  return framed(Buffer.from([...head, ...result]));
}

function framed(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeInt32BE(payload.length, 0);
  payload.copy(frame, 4);
  return frame;
}

function varint(value: number): number[] {
  return value > 0x7f ? [(value & 0x7f) | 0x80, ...varint(value >>> 7)] : [value];
}
