// How an agent is reached, which a client and an EmbeddedAgent have in common: its address, Thrift's protocol and framing, TLS.

import * as v from 'valibot';
import { type Endpoint, type EndpointOption, parseEndpoint, type TlsOptions } from '../endpoint.ts';
import { integer, milliseconds, oneOf, trueOrFalse, wrongOption } from './option-check.ts';
import { resolveTls } from './tls-options.ts';

export const wireEntries = {
  host: v.optional(v.string('a host name')),
  port: v.optional(integer(1, 65_535)),
  path: v.optional(v.string("a socket's path")),
  protocol: v.optional(oneOf('compact', 'binary', 'json'), 'compact'),
  framed: v.optional(trueOrFalse, true),
  tls: v.optional(v.unknown()),
  connectTimeoutMs: v.optional(milliseconds(1), 5_000),
};

interface SingleAgent {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

/** The agents that these options name. */
export function endpoints(agents: unknown, { host, port, path }: SingleAgent, given: unknown): readonly Endpoint[] {
  const common = resolveTls('tls', given);
  if (agents === undefined) {
    if (path === undefined) return [endpoint('host', { host: host ?? '127.0.0.1', port }, common)];
    if (host !== undefined || port !== undefined) throw wrongOption('path', 'expected no host or port beside it');
    if (typeof common === 'object') throw wrongOption('tls', 'expected none for a Unix domain socket');
    return [endpoint('path', { path }, common)];
  }
  if (host !== undefined || port !== undefined || path !== undefined) {
    throw wrongOption('agents', 'expected no host, port or path beside it');
  }
  if (!Array.isArray(agents)) return [endpoint('agents', agents, common)];
  if (agents.length === 0) throw wrongOption('agents', "expected one agent at least, such as 'flume-1:4141', got []");
  return agents.map((agent, index) => endpoint(`agents[${index}]`, agent, common));
}

function endpoint(name: string, value: unknown, common: TlsOptions | false | undefined): Endpoint {
  const own = typeof value === 'object' && value !== null ? (value as { tls?: unknown }).tls : undefined;
  const tls = resolveTls(`${name}.tls`, own);
  try {
    return parseEndpoint((tls === undefined ? value : { ...(value as object), tls }) as EndpointOption, common);
  } catch (error) {
    throw wrongOption(name, (error as Error).message);
  }
}
