// Reads what others have made: records, errors, options of loggers, whose getters and proxies may throw.

/** A property, where a getter or a proxy that throws counts as absent. */
export function read(object: unknown, key: string | symbol): unknown {
  try {
    return (object as Record<string | symbol, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

/** The enumerable ones; none where they cannot be read. */
export function ownKeys(object: object): string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}
