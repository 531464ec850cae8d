// How an agent is reached, which a client and an EmbeddedAgent have in common: its address, Thrift's protocol and framing, TLS.

import { isIP } from 'node:net';
import * as v from 'valibot';
import { type Endpoint, type EndpointOption, parseEndpoint, type TlsOptions } from '../endpoint.ts';
import { checkOptions, integer, milliseconds, oneOf, trueOrFalse, wrongOption } from './option-check.ts';

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
  const own = (value as { tls?: unknown } | null | undefined)?.tls;
  if (own !== undefined) resolveTls(`${name}.tls`, own);
  try {
    return parseEndpoint(value as EndpointOption, common);
  } catch (error) {
    throw wrongOption(name, (error as Error).message);
  }
}

const pem = v.optional(
  v.custom<string | Uint8Array>(
    (value) => (typeof value === 'string' && value !== '') || value instanceof Uint8Array,
    'PEM text, the path of a file, or bytes',
  ),
);

const tlsSchema = v.strictObject({
  ca: v.optional(
    v.custom<NonNullable<TlsOptions['ca']>>(
      (value) =>
        (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string' || one instanceof Uint8Array),
      'PEM text, the path of a file, or bytes, or a list of these',
    ),
  ),
  cert: pem,
  key: pem,
  pfx: pem,
  passphrase: v.optional(v.string('a string')),
  // TLS knows no addresses there, and Node warns of one.
  servername: v.optional(
    v.custom<string>((value) => typeof value === 'string' && isIP(value) === 0, 'a host name, not an address'),
  ),
  minVersion: v.optional(oneOf('TLSv1.2', 'TLSv1.3')),
  rejectUnauthorized: v.optional(trueOrFalse),
});

function resolveTls(name: string, value: unknown): TlsOptions | false | undefined {
  if (value === undefined || value === false) return value;
  if (value === true) return {};
  const checked = checkOptions(v.strictObject({ [name]: tlsSchema }), { [name]: value })[name] as TlsOptions;
  if ((checked.cert === undefined) !== (checked.key === undefined)) {
    throw wrongOption(name, `expected cert and key together, got only ${checked.cert === undefined ? 'key' : 'cert'}`);
  }
  if (checked.pfx !== undefined && checked.cert !== undefined) {
    throw wrongOption(name, 'expected either pfx or cert and key, got both');
  }
  return Object.freeze(checked);
}
