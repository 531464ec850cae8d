// Where to look: `host:port` as it is typed, and every address of its name.

import { lookup } from 'node:dns/promises';
import { UsageError } from 'flume-thrift-client/commands';

const defaultPort = 4141;

/** @throws UsageError */
export function placeOf(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new UsageError(`expected host:port (an IPv6 address in brackets: [::1]:4141), got '${text.slice(0, 100)}'`);
  }
  return { host: (match[1] ?? match[2]) as string, port };
}

/** Each address once, in the resolver's order; rejects with the resolver's error. */
export async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}
