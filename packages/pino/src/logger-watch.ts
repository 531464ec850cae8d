// Whether what a logger writes to can flush. pino.multistream() does not hand flush() on, and pino then calls back at once as if
// all was well.

// By pino's own agreement, a stream that has this is shown the logger before each write, after the rest of these.
const metadata = Symbol.for('pino.metadata');
const shown = ['lastLevel', 'lastObj', 'lastMsg', 'lastTime'];

/** Calls back at the first record. Later ones cost nothing. */
export function onFirstLogger(stream: object, callback: (canFlush: boolean) => void): void {
  const known = stream as Record<string | symbol, unknown>;
  known[metadata] = true;
  Object.defineProperty(stream, 'lastLogger', {
    configurable: true,
    set(logger: unknown) {
      // Nothing of a record is kept. Not deleted, which would make every later look at the stream slower.
      known[metadata] = false;
      for (const name of shown) known[name] = undefined;
      Object.defineProperty(stream, 'lastLogger', { value: undefined, writable: true });
      callback(typeof (streamOf(logger) as { flush?: unknown } | undefined)?.flush === 'function');
    },
  });
}

/** pino keeps it under a symbol of its own, which a child has from its parent. */
function streamOf(logger: unknown): unknown {
  for (let owner = logger; typeof owner === 'object' && owner !== null; owner = Object.getPrototypeOf(owner)) {
    const symbol = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'pino.stream');
    if (symbol !== undefined) return (owner as Record<symbol, unknown>)[symbol];
  }
  return undefined;
}
