// Thrift's JSON protocol, read in a time and a memory that grow with the message and no faster. The reader of the
// `thrift` package believes what a message says of its own counts, takes 30 bytes for each letter, and enumerates an
// object anew for each of its members; its writer is used as it is.
//
//   message := [1, name, type, seqid, struct]
//   struct  := { "<field>": { "<type>": value } … }
//   map     := [key type, value type, count, { key: value … }]
//   list    := [type, count, value …]                    a set alike
//   string, and a binary as base64, as a JSON string; a bool as 0 or 1
import type { Count, FieldBegin, MapCount, MessageBegin, Transport } from 'thrift';
import thrift from 'thrift';

const type = thrift.Thrift.Type;

const typesByName: Readonly<Record<string, number>> = {
  tf: type.BOOL,
  i8: type.BYTE,
  i16: type.I16,
  i32: type.I32,
  i64: type.I64,
  dbl: type.DOUBLE,
  rec: type.STRUCT,
  str: type.STRING,
  map: type.MAP,
  lst: type.LIST,
  set: type.SET,
  uid: type.UUID,
};

/** Bytes of a value of the text in V8, and of an event and a header made of it, roughly and rather more than less. */
const valueBytes = 64;
const eventBytes = 256;
const headerBytes = 192;

type JsonObject = Record<string, unknown>;

export class JsonProtocol extends thrift.TJSONProtocol {
  readonly #transport: Transport;
  readonly #mostBytes: number;
  readonly #tooMuch: string;
  /** The next thing to be read is at the top; the rest of a list, map or struct is below it. */
  readonly #stack: Iterator<unknown>[] = [];
  taken = 0;

  /** @param mostBytes throws an error with the text `tooMuch` where a message would take more memory */
  constructor(transport: Transport, mostBytes: number, tooMuch: string) {
    super(transport);
    this.#transport = transport;
    this.#mostBytes = mostBytes;
    this.#tooMuch = tooMuch;
  }

  override readMessageBegin(): MessageBegin {
    const { inBuf, readPos } = this.#transport;
    const { end, values, controls } = measure(inBuf, readPos);
    this.#take(values * valueBytes);
    const text = inBuf.subarray(readPos, end);
    const message: unknown = JSON.parse((controls > 0 ? escaped(text, controls) : text).toString());
    const [version, fname, mtype, rseqid, struct] = isArray(message) ? message : [];
    if (version !== 1) throw new Error(`Bad version of JSON: ${String(version)}`);
    if (typeof fname !== 'string') throw new Error('no name of a method');
    if (!isNumber(mtype) || !isNumber(rseqid)) throw new Error('no type, or no number of a call');
    this.#transport.readPos = end;
    this.#stack.push([struct].values());
    return { fname, mtype, rseqid };
  }

  override readMessageEnd(): void {}

  override readStructBegin(): void {
    const struct = this.#next();
    if (!isObject(struct)) throw new Error('no struct where one should be');
    this.#stack.push(fieldsOf(struct));
  }

  override readStructEnd(): void {
    this.#stack.pop();
  }

  override readFieldBegin(): FieldBegin {
    const field = this.#stack.at(-1)?.next().value as Field | undefined;
    if (field === undefined) return { fname: '', ftype: type.STOP, fid: 0 };
    this.#stack.push([field.value].values());
    return { fname: '', ftype: field.ftype, fid: field.fid };
  }

  override readFieldEnd(): void {
    this.#stack.pop();
  }

  override readListBegin(): Count {
    const list = this.#next();
    const [etype, size] = isArray(list) ? list : [];
    if (!isArray(list) || size !== list.length - 2) throw new Error('a list whose count is not that of its elements');
    this.#take(size * eventBytes);
    const elements = list.values();
    elements.next();
    elements.next();
    this.#stack.push(elements);
    return { etype: typesByName[String(etype)] ?? type.STOP, size };
  }

  override readListEnd(): void {
    this.#stack.pop();
  }

  override readMapBegin(): MapCount {
    const map = this.#next();
    const [ktype, vtype, size, members] = isArray(map) ? map : [];
    if (!isObject(members)) throw new Error('no map where one should be');
    const count = Object.keys(members).length;
    if (size !== count) throw new Error('a map whose count is not that of its members');
    this.#take(count * headerBytes);
    this.#stack.push(Object.entries(members).flat().values());
    return {
      ktype: typesByName[String(ktype)] ?? type.STOP,
      vtype: typesByName[String(vtype)] ?? type.STOP,
      size: count,
    };
  }

  override readMapEnd(): void {
    this.#stack.pop();
  }

  override readString(): string {
    const text = this.#next();
    if (typeof text !== 'string') throw new TypeError('no string where one should be');
    return text;
  }

  override readBinary(): Buffer {
    return Buffer.from(this.readString(), 'base64');
  }

  /** It is all in memory already. */
  override skip(): void {
    this.#next();
  }

  #take(bytes: number): void {
    this.taken += bytes;
    if (this.taken > this.#mostBytes) throw new Error(this.#tooMuch);
  }

  #next(): unknown {
    return this.#stack.at(-1)?.next().value;
  }
}

interface Field {
  readonly fid: number;
  readonly ftype: number;
  readonly value: unknown;
}

function* fieldsOf(struct: JsonObject): Generator<Field, undefined> {
  for (const name in struct) {
    const typed = struct[name];
    const [typeName = '', ...others] = isObject(typed) ? Object.keys(typed) : [];
    const ftype = typesByName[typeName];
    if (!/^-?\d{1,5}$/.test(name) || ftype === undefined || others.length > 0) throw new Error('no field of a struct');
    yield { fid: Number(name), ftype, value: (typed as JsonObject)[typeName] };
  }
}

const [quote, comma, openList, backslash, closeList, openObject, closeObject] = Buffer.from('",[\\]{}');

/**
 * Where the message that begins at `from` ends, how many values are in it, and how many control characters its strings have
 * as they are, which is no JSON: the `thrift` package for Node.js writes such.
 */
function measure(bytes: Buffer, from: number): { end: number; values: number; controls: number } {
  if (from >= bytes.length) throw new thrift.InputBufferUnderrunError();
  if (bytes[from] !== openList) throw new Error('Bad protocol: no message in JSON');
  let depth = 0;
  let values = 1;
  let inString = false;
  let controls = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
      else if (byte < 0x20) controls++;
    } else if (byte === quote) inString = true;
    else if (byte === comma) values++;
    else if (byte === openList || byte === openObject) {
      depth++;
      values++;
    } else if (byte === closeList || byte === closeObject) {
      depth--;
      if (depth === 0) return { end: at + 1, values, controls };
    }
  }
  throw new thrift.InputBufferUnderrunError();
}

/** With the control characters in its strings as \u00XX. */
function escaped(bytes: Buffer, controls: number): Buffer {
  const result = Buffer.allocUnsafe(bytes.length + 5 * controls);
  let length = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inString && byte < 0x20) {
      length += result.write(`\\u00${byte.toString(16).padStart(2, '0')}`, length, 'latin1');
      continue;
    }
    result[length++] = byte;
    if (byte === quote) inString = !inString;
    else if (inString && byte === backslash) result[length++] = bytes[++at] as number;
  }
  return result.subarray(0, length);
}

const isArray = (value: unknown): value is unknown[] => Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !isArray(value);
