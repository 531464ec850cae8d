// A TCP proxy that breaks its first connection at one chosen byte of one direction: it cuts (FIN), resets (RST) or stalls
// it. Every later connection passes through whole. It keeps what passed, so that a test can say what the peers knew.

import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

export type Direction = 'request' | 'reply';

export interface ByteFault {
  readonly how: 'cut' | 'reset' | 'stall';
  readonly direction: Direction;
  /** How many bytes pass before; undefined while what was seen until now does not tell. */
  readonly at: (seen: Buffer) => number | undefined;
}

/** What the proxy let through on one connection. */
export interface PassedBytes {
  request: Buffer;
  reply: Buffer;
  /** The fault happened here. */
  broken: boolean;
}

export class ByteProxy {
  readonly passed: PassedBytes[] = [];
  readonly #server: net.Server;
  readonly #upstreamPort: number;
  readonly #fault: ByteFault | undefined;
  readonly #onFault: () => void;

  private constructor(upstreamPort: number, fault: ByteFault | undefined, onFault: () => void) {
    this.#upstreamPort = upstreamPort;
    this.#fault = fault;
    this.#onFault = onFault;
    this.#server = net.createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  }

  static async start(upstreamPort: number, fault?: ByteFault, onFault: () => void = () => {}): Promise<ByteProxy> {
    const proxy = new ByteProxy(upstreamPort, fault, onFault);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when the peers have closed all their sockets, or rejects after five seconds. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close', { signal: AbortSignal.timeout(5_000) });
    this.#server.close();
    await closed;
  }

  #connect(client: Socket): void {
    const fault = this.passed.length === 0 ? this.#fault : undefined;
    const passed: PassedBytes = { request: Buffer.alloc(0), reply: Buffer.alloc(0), broken: false };
    this.passed.push(passed);
    const upstream = net.connect({ port: this.#upstreamPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, upstream]) {
      // A peer that resets: 'close' follows.
      socket.on('error', () => {});
    }
    const strike = (): void => {
      for (const socket of [client, upstream]) breakOff(socket, fault?.how ?? 'cut');
      this.#onFault();
    };
    relay(client, upstream, 'request', passed, fault, strike);
    relay(upstream, client, 'reply', passed, fault, strike);
  }
}

/** Passes bytes on, up to the fault if there is one in this direction. */
function relay(
  from: Socket,
  to: Socket,
  direction: Direction,
  passed: PassedBytes,
  fault: ByteFault | undefined,
  strike: () => void,
): void {
  const ours = fault?.direction === direction ? fault : undefined;
  from.on('data', (chunk: Buffer) => {
    if (passed.broken) return;
    const before = passed[direction].length;
    const seen = Buffer.concat([passed[direction], chunk]);
    const at = ours?.at(seen);
    if (at === undefined || at > seen.length) {
      passed[direction] = seen;
      to.write(chunk);
      return;
    }
    passed[direction] = seen.subarray(0, at);
    passed.broken = true;
    // Only when the kernel has the last bytes can a reset not take them back.
    if (at > before) to.write(seen.subarray(before, at), strike);
    else strike();
  });
  from.on('end', () => {
    if (passed.broken) from.end();
    else to.end();
  });
  // A broken connection lasts until one of the peers has had enough of it.
  from.on('close', () => to.destroySoon());
}

function breakOff(socket: Socket, how: ByteFault['how']): void {
  // What still comes is read and thrown away: a close with bytes unread would be a reset.
  if (how === 'cut') socket.end();
  else if (how === 'reset') socket.resetAndDestroy();
}
