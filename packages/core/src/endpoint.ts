// Where an agent listens: a host and a port, or a Unix domain socket.

import { isKeyText, isPathLike, shown, shownText } from './shown-value.ts';

export type Endpoint =
  | {
      readonly tag: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly name: string;
      /** undefined: nothing was said; false: plain TCP is meant. */
      readonly tls: TlsOptions | false | undefined;
      readonly kerberos?: KerberosSettings | undefined;
      /** It has no TLS, and another agent of the list has. */
      readonly isOdd?: true;
    }
  | {
      readonly tag: 'unix';
      readonly path: string;
      readonly name: string;
      readonly tls?: undefined;
      readonly kerberos?: undefined;
    };

/** Whom to trust, and what to show. Certificates and keys are PEM text, base64 of it, a file's path, or bytes. */
export interface TlsOptions {
  /** The authorities that may have signed the agent's certificate. @default those that Node trusts */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** The client's certificate, with its chain. Flume's own source asks for none; a proxy before it may. @default none */
  readonly cert?: string | Uint8Array | undefined;
  /** The client's private key. @default none */
  readonly key?: string | Uint8Array | undefined;
  /** The client's certificate and key as PKCS#12: a file's path, base64, or bytes. @default none */
  readonly pfx?: string | Uint8Array | undefined;
  /** Opens `key` or `pfx`. @default none */
  readonly passphrase?: string | undefined;
  /** The name that is asked for and that the agent's certificate must have. @default the agent's host */
  readonly servername?: string | undefined;
  /** The oldest version of TLS that is spoken. @default 'TLSv1.2' */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** false accepts any certificate, so that anybody can read and answer: for tests only. @default true */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Who this process and the agent are to Kerberos. Needs the package `kerberos`. */
export interface KerberosOptions {
  /** The client's principal, `client@REALM`. @default the one of the ticket cache, or the first of the keytab */
  readonly principal?: string | undefined;
  /**
   * The path of a keytab, with which tickets are got and renewed. @default none: the ticket cache, and the keytab of
   * `KRB5_CLIENT_KTNAME`
   */
  readonly keytab?: string | undefined;
  /** The agent's principal is `service/host@REALM`; this is its first part. @default 'flume' */
  readonly service?: string | undefined;
  /** The second part: to be given behind a load balancer, an alias or an address. @default the agent's host */
  readonly host?: string | undefined;
}

/** `KerberosOptions`, resolved. */
export interface KerberosSettings {
  readonly principal?: string | undefined;
  readonly keytab?: string | undefined;
  readonly service: string;
  readonly host: string;
  /** Where the package `kerberos` is. */
  readonly packagePath: string;
}

/** Who is trusted, and how. */
export interface Security {
  readonly tls: TlsOptions | false | undefined;
  readonly kerberos: (Omit<KerberosSettings, 'host'> & { readonly host?: string | undefined }) | false | undefined;
}

const defaultPort = 4141;
// A name, an address with its zone; no URL, no key.
const hostPattern = /^[\p{L}\p{N}_.:%-]{1,255}$/u;

/** An endpoint as a user writes it: `'flume-1:4141'`, `'[::1]:4141'`, `{ host, port }` or `{ path }`. */
export type EndpointOption =
  | string
  | {
      /** Its name or address. */
      readonly host: string;
      /** The port of its Thrift source. @default 4141 */
      readonly port?: number | undefined;
      /** TLS for this agent alone: `true`, or whom to trust and what to show. @default the option `tls` */
      readonly tls?: boolean | TlsOptions | undefined;
      /** Kerberos for this agent alone: `true`, or who is who; `false`: without. @default the option `kerberos` */
      readonly kerberos?: boolean | KerberosOptions | undefined;
    }
  | {
      /** Its Unix domain socket. */
      readonly path: string;
    };

// sun_path has 108 bytes with the final zero on Linux, 104 on macOS; the smaller one holds everywhere.
const maxSocketPath = 103;

/**
 * @param security this agent's, checked already: its own or that of all
 * @throws Error saying what was expected, without the option's name
 */
export function parseEndpoint(option: EndpointOption, security: Security): Endpoint {
  if (typeof option === 'string') return parseAddress(option, security);
  if (typeof option !== 'object' || option === null) throw unexpected(option);
  const { host, port, path, tls: own, kerberos, ...rest } = option as EndpointFields;
  const [stray] = Object.keys(rest);
  if (stray !== undefined) throw new Error(`expected { host, port } or { path }, got the key ${shownText(stray, 40)}`);
  if (path !== undefined) {
    if (host !== undefined || port !== undefined) throw new Error('expected { host, port } or { path }, got both');
    if (own !== undefined) throw new Error('expected no tls for a Unix domain socket');
    if (kerberos !== undefined) throw new Error('expected no kerberos for a Unix domain socket');
    return unixEndpoint(path);
  }
  if (host === undefined) throw unexpected(option);
  return tcpEndpoint(host, port ?? defaultPort, security);
}

interface EndpointFields {
  host?: string;
  port?: number;
  path?: string;
  tls?: unknown;
  kerberos?: unknown;
}

function unexpected(option: unknown): Error {
  return new Error(`expected 'host:port', { host, port } or { path }, got ${shown(option)}`);
}

function parseAddress(text: string, security: Security): Endpoint {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]\s/]+))(?::(\d+))?$/.exec(text);
  if (match === null) {
    throw new Error(`expected 'host:port' (an IPv6 address in brackets: '[::1]:4141'), got ${shown(text)}`);
  }
  return tcpEndpoint(
    (match[1] ?? match[2]) as string,
    match[3] === undefined ? defaultPort : Number(match[3]),
    security,
  );
}

function tcpEndpoint(host: string, port: number, { tls, kerberos: chosen }: Security): Endpoint {
  if (typeof host !== 'string' || !hostPattern.test(host) || isKeyText(host))
    throw new Error(`expected a host name, got ${shown(host)}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`expected a port of 1 to 65535, got ${shown(port)}`);
  const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const kerberos = typeof chosen === 'object' ? { kerberos: { ...chosen, host: chosen.host ?? host } } : {};
  return { tag: 'tcp', host, port, name, tls, ...kerberos };
}

function unixEndpoint(path: string): Endpoint {
  if (typeof path !== 'string' || path === '' || isKeyText(path))
    throw new Error(`expected a socket's path, got ${shown(path)}`);
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPath) {
    const which = isPathLike(path) ? `: ${path}` : '';
    throw new Error(`expected a socket's path of at most ${maxSocketPath} bytes, got one of ${bytes}${which}`);
  }
  return { tag: 'unix', path, name: path };
}
