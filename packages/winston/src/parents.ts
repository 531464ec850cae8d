// The loggers that pipe into a transport. winston-transport looks after the first pipe and the first unpipe only; with
// configure(), and with loggers that share a transport, more follow.

import type { EventEmitter } from 'node:events';

/** A logger, as far as it is known here. */
export interface Parent {
  readonly levels?: Readonly<Record<string, number>>;
  readonly level?: string;
  readonly _writableState?: { readonly ending?: boolean };
  listenerCount?(event: string): number;
}

export class Parents {
  readonly #loggers = new Set<Parent>();
  /** Where winston bubbles 'warn' events: the logger that came first, even if it has gone. */
  #bubblesTo: Parent | undefined;

  /** The one that levels are taken from. */
  get first(): Parent | undefined {
    const [first] = this.#loggers;
    return first;
  }

  get count(): number {
    return this.#loggers.size;
  }

  /** Those that are not about to end. */
  get living(): number {
    return [...this.#loggers].filter(({ _writableState: state }) => state !== undefined && state.ending !== true)
      .length;
  }

  has(logger: object): boolean {
    return this.#loggers.has(logger as Parent);
  }

  add(logger: Parent, transport: EventEmitter): void {
    this.#loggers.add(logger);
    if (bubblesWarnings(transport)) this.#bubblesTo ??= logger;
  }

  delete(logger: Parent): void {
    this.#loggers.delete(logger);
  }

  /** Somebody listens to the transport's 'warn' events, not counting winston, which only passes them on. */
  hearWarningsOf(transport: EventEmitter): boolean {
    const own = transport.listenerCount('warn') - (bubblesWarnings(transport) ? 1 : 0);
    return own > 0 || (this.#bubblesTo?.listenerCount?.('warn') ?? 0) > 0;
  }
}

/** winston marks the transports that it listens to. */
function bubblesWarnings(transport: EventEmitter): boolean {
  return '__winstonwarn' in transport;
}
