// The protocols of the `thrift` package with the checks that it leaves out: a message of a few bytes may not claim
// millions of elements, and one call may not become more memory than it is given.
import type { Count, MapCount, Protocol, ProtocolClass, Transport } from 'thrift';
import thrift from 'thrift';
import { JsonProtocol } from './json-protocol.ts';

export type ProtocolName = 'compact' | 'binary' | 'json';

/** A protocol that knows how much memory the message takes that it has read, in bytes beside the message's own. */
export interface BoundedProtocol extends Protocol {
  readonly taken: number;
}

export type BoundedProtocolClass = new (transport: Transport) => BoundedProtocol;

// Bytes of the objects of an event and of a header in V8, roughly and rather more than less.
const eventBytes = 384;
const headerBytes = 160;

/** Of one call, beside its own bytes: 350,000 events without headers, 80,000 with eight. */
const mostBytes = 128 * 1024 * 1024;

function bounded(Base: ProtocolClass): BoundedProtocolClass {
  return class extends Base implements BoundedProtocol {
    readonly #transport: Transport;
    #skipping = 0;
    taken = 0;

    constructor(transport: Transport) {
      super(transport);
      this.#transport = transport;
    }

    override readListBegin(): Count {
      return this.#checked(super.readListBegin(), 1, eventBytes);
    }

    override readSetBegin(): Count {
      return this.#checked(super.readSetBegin(), 1, 0);
    }

    override readMapBegin(): MapCount {
      return this.#checked(super.readMapBegin(), 2, headerBytes);
    }

    /** Unknown fields leave nothing behind. */
    override skip(type: number, depth?: number): void {
      this.#skipping++;
      super.skip(type, depth);
      this.#skipping--;
    }

    /** @param least the bytes that an element takes at least */
    #checked<T extends Count>(count: T, least: number, memory: number): T {
      const { inBuf, readPos } = this.#transport;
      // More may be on its way where there are no frames.
      if (count.size * least > inBuf.length - readPos) throw new thrift.InputBufferUnderrunError();
      if (this.#skipping === 0) this.taken += count.size * memory;
      if (this.taken > mostBytes) throw new Error(tooMuch);
      return count;
    }
  };
}

const tooMuch = `a call that would take more than ${mostBytes / 1024 / 1024} MiB of memory`;

export const protocols: Readonly<Record<ProtocolName, BoundedProtocolClass>> = {
  compact: bounded(thrift.TCompactProtocol),
  binary: bounded(thrift.TBinaryProtocol),
  json: class extends JsonProtocol {
    constructor(transport: Transport) {
      super(transport, mostBytes, tooMuch);
    }
  },
};
