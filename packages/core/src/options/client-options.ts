// The options of a FlumeClient: one agent, direct calls.

import * as v from 'valibot';
import type { Endpoint, KerberosOptions, TlsOptions } from '../endpoint.ts';
import type { ProtocolName } from '../thrift/protocol.ts';
import { checkOptions, milliseconds } from './option-check.ts';
import { endpoints, wireEntries } from './wire-options.ts';

/** How one client reaches one agent. */
export interface FlumeClientOptions {
  /** The agent's host. @default '127.0.0.1' */
  host?: string | undefined;
  /** The agent's port. @default 4141 */
  port?: number | undefined;
  /** The path of a Unix domain socket, instead of host and port. @default none */
  path?: string | undefined;
  /** Milliseconds for an answer, counted from when the call became the oldest on its connection. @default 20000 */
  timeoutMs?: number | undefined;
  /** Milliseconds for a connection: name resolution, TCP, TLS and Kerberos together. @default 5000 */
  connectTimeoutMs?: number | undefined;
  /**
   * Thrift's protocol; the agent's source must have the same. `'json'` is for other Thrift servers: Flume's source does not
   * speak it. @default 'compact'
   */
  protocol?: ProtocolName | undefined;
  /** A frame around each message. false is for other Thrift servers: Flume's source is always framed. @default true */
  framed?: boolean | undefined;
  /** TLS: `true`, or whom to trust and what to show; `false`: plain TCP is meant. @default undefined: plain TCP */
  tls?: boolean | TlsOptions | undefined;
  /**
   * Kerberos (SASL GSSAPI), for an agent with `kerberos = true`: `true`, or who is who.
   * Needs the package `kerberos`. It encrypts nothing: set `tls` as well. @default none
   */
  kerberos?: boolean | KerberosOptions | undefined;
}

export interface ResolvedClient {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly protocol: ProtocolName;
  readonly framed: boolean;
}

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function resolveClient(options?: FlumeClientOptions): ResolvedClient {
  const { host, port, path, tls, kerberos, ...rest } = checkOptions(
    v.strictObject({
      ...wireEntries,
      timeoutMs: v.optional(milliseconds(1), 20_000),
    }),
    options,
  );
  const [only] = endpoints(undefined, { host, port, path }, { tls, kerberos, framed: rest.framed });
  return Object.freeze({ ...rest, endpoint: only as Endpoint });
}
