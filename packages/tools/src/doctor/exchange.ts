// Says some bytes to a peer and hears what comes back: bytes, an end, or nothing.

import net from 'node:net';
import tls from 'node:tls';

export interface Target {
  /** An address, so that it is this one of a name's. */
  readonly address: string;
  readonly port: number;
  /** The name that is asked for in TLS; undefined: without TLS. */
  readonly tlsName?: string | undefined;
}

export interface Heard {
  readonly bytes: Buffer;
  /** How it ended: the peer closed, nothing more came in time, or there was no connection. */
  readonly end: 'closed' | 'silent' | 'unreachable';
  /** Closed before a byte was said. */
  readonly unasked: boolean;
  /** Until the connection stood, in milliseconds. */
  readonly connectMs: number;
  readonly error?: NodeJS.ErrnoException;
  /** Of a peer with TLS. */
  readonly certificate?: tls.DetailedPeerCertificate;
}

export interface Patience {
  readonly connectMs: number;
  /** For an answer. */
  readonly answerMs: number;
  /** To see whether the peer closes or speaks first. */
  readonly listenMs: number;
}

const enoughBytes = 4_096;

/** @param words none: listens only */
export function exchange(target: Target, words: Uint8Array | undefined, patience: Patience): Promise<Heard> {
  return new Promise((resolve) => {
    const began = performance.now();
    const { address: host, port, tlsName } = target;
    const servername = tlsName !== undefined && net.isIP(tlsName) === 0 ? tlsName : '';
    const socket =
      tlsName === undefined
        ? net.connect({ host, port, noDelay: true })
        : tls.connect({ host, port, servername, rejectUnauthorized: false });
    const chunks: Buffer[] = [];
    let connectMs = 0;
    let spoken = false;
    let certificate: tls.DetailedPeerCertificate | undefined;
    let error: NodeJS.ErrnoException | undefined;
    let timer = setTimeout(() => done('unreachable'), patience.connectMs);
    const wait = (ms: number, then: () => void) => {
      clearTimeout(timer);
      timer = setTimeout(then, ms);
    };
    const done = (end: Heard['end']): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve({
        bytes: Buffer.concat(chunks),
        end,
        unasked: end === 'closed' && !spoken && chunks.length === 0,
        connectMs,
        ...(error === undefined ? {} : { error }),
        ...(certificate === undefined ? {} : { certificate }),
      });
    };
    const say = (): void => {
      if (words === undefined) return done('silent');
      spoken = true;
      socket.write(words);
      wait(patience.answerMs, () => done('silent'));
    };
    socket.once(tlsName === undefined ? 'connect' : 'secureConnect', () => {
      connectMs = performance.now() - began;
      if (socket instanceof tls.TLSSocket) certificate = socket.getPeerCertificate(true);
      wait(patience.listenMs, say);
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // The rest of an answer comes at once, or is of no interest.
      wait(50, () => done('silent'));
      if (Buffer.concat(chunks).length > enoughBytes) done('silent');
    });
    socket.on('end', () => done('closed'));
    socket.on('close', () => done(connectMs === 0 ? 'unreachable' : 'closed'));
    socket.on('error', (reason) => {
      error = reason;
    });
  });
}
