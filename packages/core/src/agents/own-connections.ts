// Connections that one batch has to itself, so that no other waits for it.

import type { Endpoint } from '../endpoint.ts';
import type { FlumeError } from '../errors.ts';
import { Connection, type ConnectionOptions } from '../rpc/connection.ts';
import type { Broken, End } from '../rpc/outcome.ts';

export interface OwnConnectionListener {
  /** It stands: the one batch is to be sent. */
  opened(connection: Connection): void;
  ended(end: End): void;
}

export class OwnConnections {
  readonly #endpoint: Endpoint;
  readonly #options: ConnectionOptions;
  readonly #connections = new Set<Connection>();

  constructor(endpoint: Endpoint, options: ConnectionOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
  }

  get count(): number {
    return this.#connections.size;
  }

  get inFlight(): number {
    let sum = 0;
    for (const { inFlight } of this.#connections) sum += inFlight;
    return sum;
  }

  open(listener: OwnConnectionListener): void {
    const connection = new Connection(this.#endpoint, this.#options, {
      opened: () => listener.opened(connection),
      closed: (end) => {
        this.#connections.delete(connection);
        listener.ended(end);
      },
    });
    this.#connections.add(connection);
  }

  close(error: FlumeError): void {
    for (const connection of this.#connections) connection.destroy(error);
  }
}

/** The batch did not even leave. */
export function unsent(error: FlumeError): Broken {
  return { tag: 'broken', how: 'given up', isOldest: false, error };
}
