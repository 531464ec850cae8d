// The socket below a connection, as the connection sees it. Passed in, so that a test can put a scripted one there.

import type { Endpoint } from '../endpoint.ts';

/** A `net.Socket`, as far as a connection needs it. */
export interface Socket {
  on(event: 'connect' | 'secureConnect' | 'end' | 'close', listener: () => void): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  write(bytes: Uint8Array): unknown;
  cork(): void;
  uncork(): void;
  destroy(): unknown;
  unref(): unknown;
  /** Between `connect` and `secureConnect`; where there is none, `connect` is all. */
  readonly handshake?: Handshake | undefined;
}

/** A step that is waited for, and the questions to ask where it does not come. */
export interface Handshake {
  readonly name: string;
  readonly unanswered: string;
  readonly whenSilent: string;
  readonly whenClosed: string;
}

/** Starts to connect. Never throws: what is wrong follows as `error`. */
export type Dial = (endpoint: Endpoint, connectTimeoutMs: number) => Socket;
