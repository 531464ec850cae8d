// The listening socket, plain or TLS, and every socket that it has accepted.

import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { Server } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { createServer as createTlsServer } from 'node:tls';

/** `tcpSocket` is the socket below TLS, and without TLS the same. */
export type Accept = (socket: Socket, tcpSocket: Socket) => void;

export class Listener {
  readonly #server: Server;
  /** TCP sockets; those whose TLS handshake is not done are among them. */
  readonly #sockets = new Set<Socket>();
  /** The same by peer. A peer that left in its handshake may have lent its port to another one since. */
  readonly #byPeer = new Map<string, Socket>();

  constructor(tls: TlsOptions | undefined, accept: Accept) {
    // A client that has sent its last byte is still answered.
    const allowHalfOpen = true;
    if (tls === undefined) {
      this.#server = new Server({ allowHalfOpen }, (socket) => {
        this.#own(socket);
        accept(socket, socket);
      });
      return;
    }
    this.#server = createTlsServer({ ...tls, allowHalfOpen });
    this.#server.prependListener('connection', (socket: Socket) => this.#own(socket));
    this.#server.on('secureConnection', (socket: Socket) => {
      accept(socket, this.#byPeer.get(peerOf(socket)) ?? socket);
    });
  }

  /** Resolves with the port, 0 for a Unix socket. */
  listen(options: ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        resolve(options.path === undefined ? (this.#server.address() as AddressInfo).port : 0);
      });
    });
  }

  /** Resolves when the port is free and all sockets are gone; to be called once. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      // Fails only where listen() has failed.
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #own(socket: Socket): void {
    const peer = peerOf(socket);
    this.#sockets.add(socket);
    this.#byPeer.set(peer, socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer);
    });
    // A client may leave in the middle of a TLS handshake.
    socket.on('error', () => {});
  }
}

/** Unix sockets have no address, and no TLS. */
function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
