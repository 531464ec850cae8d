// Which fields are hidden: pino's paths, `password`, `req.headers.authorization`, `users[*].email`, `*.token`,
// `headers["set-cookie"]`, as a tree that is walked beside the record.

/** The text where a value was. */
export const censor = '[redacted]';

/** The hidden paths below a value. */
export interface RedactionNode {
  /** The value itself. */
  readonly isHidden: boolean;
  readonly children: ReadonlyMap<string, RedactionNode>;
  /** The same, by the bytes of the key in JSON, where it has no escapes. */
  readonly byBytes: readonly { readonly key: Buffer; readonly node: RedactionNode }[];
  /** Below any other key, or at any index: `*`. */
  readonly any: RedactionNode | undefined;
}

/** @param paths right ones, see `redactionPath()` */
export function redactionTree(paths: readonly string[]): RedactionNode {
  return treeOf(paths.map((path) => redactionPath(path) ?? []));
}

/** The keys of a path from the outermost, or undefined where it is none. */
export function redactionPath(path: string): string[] | undefined {
  const keys: string[] = [];
  const key = /\[(?:(\d+|\*)|"([^"]*)"|'([^']*)')\]|(?:^|\.)([^.[\]]+)/y;
  while (key.lastIndex < path.length) {
    const found = key.exec(path);
    if (found === null) return undefined;
    keys.push(found[1] ?? found[2] ?? found[3] ?? found[4] ?? '');
  }
  return keys.length === 0 ? undefined : keys;
}

/** The hidden paths below a key or an index. */
export function childOf(node: RedactionNode, key: string): RedactionNode | undefined {
  return node.children.get(key) ?? node.any;
}

/** The paths behind `*` stand at each key too, so that one node at a time is enough to look at. */
function treeOf(paths: readonly (readonly string[])[]): RedactionNode {
  const below = (key: string): RedactionNode =>
    treeOf(paths.flatMap(([first, ...rest]) => (first === key || first === '*' ? [rest] : [])));
  const keys = new Set(paths.flatMap(([first]) => (first === undefined ? [] : [first])));
  const children = new Map([...keys].filter((key) => key !== '*').map((key) => [key, below(key)]));
  return {
    isHidden: paths.some((path) => path.length === 0),
    children,
    byBytes: [...children].map(([key, node]) => ({ key: Buffer.from(key), node })),
    any: keys.has('*') ? below('*') : undefined,
  };
}
