// How an agent is reached, which a client and an EmbeddedAgent have in common: its address, Thrift's protocol and framing, TLS,
// Kerberos.

import * as v from 'valibot';
import { type Endpoint, type EndpointOption, parseEndpoint, type Security } from '../endpoint.ts';
import { resolveKerberos } from './kerberos-options.ts';
import { integer, milliseconds, oneOf, trueOrFalse, wrongOption } from './option-check.ts';
import { resolveTls } from './tls-options.ts';

export const wireEntries = {
  host: v.optional(v.string('a host name')),
  port: v.optional(integer(1, 65_535)),
  path: v.optional(v.string("a socket's path")),
  protocol: v.optional(oneOf('compact', 'binary', 'json'), 'compact'),
  framed: v.optional(trueOrFalse, true),
  tls: v.optional(v.unknown()),
  kerberos: v.optional(v.unknown()),
  connectTimeoutMs: v.optional(milliseconds(1), 5_000),
};

interface SingleAgent {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

interface GivenSecurity {
  readonly tls: unknown;
  readonly kerberos: unknown;
  readonly framed: boolean;
}

/** The agents that these options name. */
export function endpoints(agents: unknown, single: SingleAgent, given: GivenSecurity): readonly Endpoint[] {
  const named = namedAgents(agents, single, {
    tls: resolveTls('tls', given.tls),
    kerberos: resolveKerberos('kerberos', given.kerberos),
  });
  if (!given.framed && named.some(({ kerberos }) => kerberos !== undefined)) {
    throw wrongOption('framed', 'expected true beside kerberos, which has frames of its own in their place');
  }
  return named;
}

function namedAgents(agents: unknown, { host, port, path }: SingleAgent, common: Security): readonly Endpoint[] {
  if (agents === undefined) {
    if (path === undefined) return [endpoint('host', { host: host ?? '127.0.0.1', port }, common)];
    if (host !== undefined || port !== undefined) throw wrongOption('path', 'expected no host or port beside it');
    if (typeof common.tls === 'object') throw wrongOption('tls', 'expected none for a Unix domain socket');
    if (typeof common.kerberos === 'object') throw wrongOption('kerberos', 'expected none for a Unix domain socket');
    return [endpoint('path', { path }, common)];
  }
  if (host !== undefined || port !== undefined || path !== undefined) {
    throw wrongOption('agents', 'expected no host, port or path beside it');
  }
  if (!Array.isArray(agents)) return [endpoint('agents', agents, common)];
  if (agents.length === 0) throw wrongOption('agents', "expected one agent at least, such as 'flume-1:4141', got []");
  const list = agents.map((agent, index) => endpoint(`agents[${index}]`, agent, common));
  const hasTls = list.some(({ tls }) => typeof tls === 'object');
  return list.map((one) =>
    hasTls && one.tag === 'tcp' && typeof one.tls !== 'object' ? { ...one, isOdd: true } : one,
  );
}

function endpoint(name: string, value: unknown, common: Security): Endpoint {
  const own = typeof value === 'object' && value !== null ? (value as { tls?: unknown; kerberos?: unknown }) : {};
  const security = {
    tls: resolveTls(`${name}.tls`, own.tls) ?? common.tls,
    kerberos: resolveKerberos(`${name}.kerberos`, own.kerberos) ?? common.kerberos,
  };
  try {
    return parseEndpoint(value as EndpointOption, security);
  } catch (error) {
    throw wrongOption(name, (error as Error).message);
  }
}
