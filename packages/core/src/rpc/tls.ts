// TLS as an agent's endpoint asks for it: who is trusted, and what is shown. Certificates are read again for every
// connection, so that a rotated one is used without a restart.

import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Endpoint, TlsOptions } from '../endpoint.ts';

/**
 * What `tls.connect` takes for this endpoint: verification on, server name sent, TLS 1.2 at least.
 *
 * @throws Error naming the option whose file cannot be read
 */
export function tlsConnectOptions(endpoint: Endpoint, options: TlsOptions): ConnectionOptions {
  const { ca, cert, key, pfx, passphrase, servername, minVersion = 'TLSv1.2', rejectUnauthorized = true } = options;
  const name = servername ?? (endpoint.tag === 'tcp' && net.isIP(endpoint.host) === 0 ? endpoint.host : undefined);
  return {
    minVersion,
    rejectUnauthorized,
    ...(name === undefined ? {} : { servername: name }),
    ...(ca === undefined ? {} : { ca: list(ca).map((one) => pem('tls.ca', one)) }),
    ...(cert === undefined ? {} : { cert: pem('tls.cert', cert) }),
    ...(key === undefined ? {} : { key: pem('tls.key', key) }),
    ...(pfx === undefined ? {} : { pfx: typeof pfx === 'string' ? read('tls.pfx', pfx) : Buffer.from(pfx) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

// Node's own codes, and what a user can do about them.
const hints: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'give its certificate as tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'give the authority that signed it as tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'give the authority that signed it as tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'give the authority that signed it as tls.ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'use the name that its certificate has, or say that name as tls.servername',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: remove the option tls, or set ssl = true in the agent',
  EPROTO: 'it may not speak TLS, or no version or cipher that both accept',
};

/** What a failed handshake calls for, to be added to its message. */
export function tlsHint(error: NodeJS.ErrnoException): string {
  const hint = hints[error.code ?? ''];
  return hint === undefined ? '' : ` (${hint})`;
}

const told = new Set<string>();

/** Warns, once per process and kind, of connections that others can read or take over. */
export function warnOfRisk(endpoint: Endpoint): void {
  if (endpoint.tag !== 'tcp') return;
  if (endpoint.tls === undefined && !isLoopback(endpoint.host)) {
    tell('plain', `events go to ${endpoint.name} unencrypted: set the option tls, or tls: false where that is meant`);
  } else if (typeof endpoint.tls === 'object' && endpoint.tls.rejectUnauthorized === false) {
    tell('unverified', `${endpoint.name} may be anybody: tls.rejectUnauthorized is false`);
  }
}

function tell(kind: string, message: string): void {
  if (told.has(kind)) return;
  told.add(kind);
  process.emitWarning(message, { type: 'FlumeWarning', code: `FLUME_${kind.toUpperCase()}_TCP` });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function list<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}

function pem(option: string, value: string | Uint8Array): string | Buffer {
  if (typeof value !== 'string') return Buffer.from(value);
  return value.includes('-----BEGIN') ? value : read(option, value);
}

function read(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${option}: cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
