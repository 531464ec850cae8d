// A Flume Thrift source reduced to its answers: finds the frames in a stream and says OK, or another status, to each, without
// decoding events.

const compactId = 0x82;

export class FlumeReplies {
  #rest = Buffer.alloc(0);
  /** Bytes of the current frame that are still to come and not needed. */
  #skip = 0;
  #status;

  /** @param status that it answers: 0 is OK, 1 FAILED */
  constructor(status = 0) {
    this.#status = status;
  }

  /** @returns the replies to the calls whose frames end in this chunk */
  to(chunk) {
    const replies = [];
    let bytes = chunk;
    if (this.#skip > chunk.length) {
      this.#skip -= chunk.length;
      return Buffer.alloc(0);
    }
    if (this.#rest.length > 0) bytes = Buffer.concat([this.#rest, chunk]);
    let at = this.#rest.length > 0 ? 0 : this.#skip;
    if (this.#rest.length === 0 && this.#skip > 0) replies.push(this.#pending);
    this.#skip = 0;
    for (;;) {
      // The head of a call takes at most 40 bytes; an empty one is shorter, so what there is has to do.
      const length = bytes.length - at >= 4 ? bytes.readInt32BE(at) : -1;
      if (length === -1 || bytes.length - at < Math.min(4 + length, 48)) break;
      const reply = replyTo(bytes, at + 4, this.#status);
      const end = at + 4 + length;
      if (end > bytes.length) {
        this.#pending = reply;
        this.#skip = end - bytes.length;
        at = bytes.length;
        break;
      }
      replies.push(reply);
      at = end;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    return replies.length === 1 ? replies[0] : Buffer.concat(replies);
  }

  #pending = Buffer.alloc(0);
}

function replyTo(bytes, at, status) {
  return bytes[at] === compactId ? compactReply(bytes, at, status) : binaryReply(bytes, at, status);
}

function compactReply(bytes, at, status) {
  let nameAt = at + 2;
  while (bytes[nameAt] > 0x7f) nameAt += 1;
  nameAt += 1;
  const nameEnd = nameAt + 1 + bytes[nameAt];
  const message = Buffer.concat([
    Buffer.from([compactId, 0x41]),
    bytes.subarray(at + 2, nameEnd),
    // The result: an i32 as field 0, in zigzag.
    Buffer.from([5, 0, 2 * status, 0]),
  ]);
  return framed(message);
}

function binaryReply(bytes, at, status) {
  const nameEnd = at + 8 + bytes.readInt32BE(at + 4);
  const head = Buffer.from(bytes.subarray(at, nameEnd + 4));
  head[3] = 2;
  return framed(Buffer.concat([head, Buffer.from([8, 0, 0, 0, 0, 0, status, 0])]));
}

function framed(message) {
  const frame = Buffer.allocUnsafe(4 + message.length);
  frame.writeInt32BE(message.length, 0);
  message.copy(frame, 4);
  return frame;
}
