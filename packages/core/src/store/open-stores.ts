// The file stores of this process that are open: one that closes leaves its events to the others on the same folder at once,
// and a process that ends closes them all.

export interface OpenStore {
  readonly dir: string;
  /** Leaves what is queued to the next process, at once. */
  leave(): void;
  /** Looks for what others have left. */
  look(): Promise<void>;
}

const stores = new Set<OpenStore>();

export function opened(store: OpenStore): void {
  if (stores.size === 0) process.on('exit', leaveAll);
  stores.add(store);
}

export function closed(store: OpenStore): void {
  if (stores.delete(store) && stores.size === 0) process.off('exit', leaveAll);
}

/** The others on its folder look for what it has left. */
export function handOver({ dir }: OpenStore): void {
  for (const other of stores) if (other.dir === dir) void other.look();
}

function leaveAll(): void {
  for (const store of stores) store.leave();
}
