// TLS as an agent's endpoint asks for it: who is trusted, and what is shown. Certificates are read again for every
// connection, so that a rotated one is used without a restart.

import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { Endpoint, TlsOptions } from '../endpoint.ts';
import { fileBytes } from '../private-file.ts';
import { isPathLike, shownText } from '../shown-value.ts';
import type { Handshake } from './socket.ts';

/**
 * The options of `tls.connect` for this endpoint: verification on, server name sent, TLS 1.2 at least.
 *
 * @throws Error naming the option that is of no use, such as a file that cannot be read
 */
export function tlsConnectOptions(endpoint: Endpoint, options: TlsOptions): tls.ConnectionOptions {
  const { servername, rejectUnauthorized = true } = options;
  const name = servername ?? (endpoint.tag === 'tcp' && net.isIP(endpoint.host) === 0 ? endpoint.host : undefined);
  return {
    ...ownKeys,
    rejectUnauthorized,
    secureContext: secureContext(options),
    ...(name === undefined ? {} : { servername: name }),
  };
}

// Options that Node looks up besides, said here so that nothing on Object.prototype answers instead.
const ownKeys: tls.ConnectionOptions = {
  checkServerIdentity: tls.checkServerIdentity,
  pskCallback: undefined,
  session: undefined,
  socket: undefined,
  path: undefined,
};

function secureContext({ ca, cert, key, pfx, passphrase, minVersion = 'TLSv1.2' }: TlsOptions): tls.SecureContext {
  const material: tls.SecureContextOptions = {
    minVersion,
    ...(ca === undefined ? {} : { ca: list(ca).map(authority) }),
    ...(cert === undefined ? {} : { cert: pem('tls.cert', cert) }),
    ...(key === undefined ? {} : { key: pem('tls.key', key) }),
    ...(pfx === undefined ? {} : { pfx: typeof pfx === 'string' ? read('tls.pfx', pfx) : Buffer.from(pfx) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  // Else Node would take what is missing from Object.prototype.
  Object.setPrototypeOf(material, null);
  try {
    return tls.createSecureContext(material);
  } catch (error) {
    throw new Error(misfit(error as OpensslError, pfx === undefined ? 'tls.key' : 'tls.pfx'), { cause: error });
  }
}

interface OpensslError extends NodeJS.ErrnoException {
  /** The middle of the message, which has file names and addresses around it. */
  readonly reason?: string;
}

/** OpenSSL's complaint about the certificate and key, in the words of the options. */
function misfit(error: OpensslError, option: 'tls.key' | 'tls.pfx'): string {
  const reason = error.reason ?? error.message;
  if (/bad decrypt|mac verify failure|empty password|interrupted or cancelled/.test(reason)) {
    return `tls.passphrase: it does not open ${option} (${reason})`;
  }
  if (reason === 'key values mismatch') return 'tls.key: it is not the private key of tls.cert';
  return `${option === 'tls.key' ? 'tls.cert and tls.key' : option}: ${needs[option]} (${reason})`;
}

const toPkcs12 = 'keytool -importkeystore -deststoretype pkcs12';

const needs = {
  'tls.key': 'expected a certificate and its private key in PEM',
  'tls.pfx': `expected PKCS#12, which ${toPkcs12} makes of a Java keystore`,
} as const;

const clientCertificate = 'tls.cert and tls.key, or tls.pfx';
const refusedCertificate = `the agent refuses the client certificate: ${clientCertificate}`;
const versions = 'no version of TLS that both accept: tls.minVersion, and include-protocols in the agent';
const unknownAuthority = 'give the authority that signed it as tls.ca';
const validity = "the agent's certificate must be renewed, or a clock is wrong";

// Node's own codes, and what a user can do about them.
const hints: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'give its certificate as tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_HAS_EXPIRED: validity,
  CERT_NOT_YET_VALID: validity,
  ERR_TLS_CERT_ALTNAME_INVALID: 'use the name that its certificate has, or say that name as tls.servername',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: remove the option tls, or set ssl = true in the agent',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: remove the option tls, or set ssl = true in the agent',
  ERR_SSL_UNSUPPORTED_PROTOCOL: versions,
  EPROTO: 'it may not speak TLS, or no version or cipher that both accept',
};

// Alerts of an agent that breaks off a handshake. In TLS 1.3 that can come when the connection already stands here.
const alerts: Readonly<Record<string, string>> = {
  PROTOCOL_VERSION: versions,
  UNRECOGNIZED_NAME: 'the agent does not know the name it is asked for: tls.servername',
  HANDSHAKE_FAILURE: `the agent may ask for a client certificate (${clientCertificate}), or share no cipher`,
  CERTIFICATE_REQUIRED: `the agent asks for a client certificate: ${clientCertificate}`,
  UNKNOWN_CA: refusedCertificate,
  ACCESS_DENIED: refusedCertificate,
  BAD_CERTIFICATE: refusedCertificate,
  UNSUPPORTED_CERTIFICATE: refusedCertificate,
  CERTIFICATE_REVOKED: refusedCertificate,
  CERTIFICATE_EXPIRED: refusedCertificate,
  CERTIFICATE_UNKNOWN: refusedCertificate,
};

/** The prefix is not the version spoken but the one that brought the alert, and OpenSSL has renamed one. */
function alertOf(code: string): string | undefined {
  const [, name] = /^ERR_SSL_(?:SSLV3|SSL\/TLS|TLSV1|TLSV13)_(?:ALERT_)?(\w+)$/.exec(code) ?? [];
  return name === undefined || !Object.hasOwn(alerts, name) ? undefined : alerts[name];
}

/** The agent breaks off the handshake, and has read nothing of what was sent after it. */
export function isHandshakeAlert({ code = '' }: NodeJS.ErrnoException): boolean {
  return alertOf(code) !== undefined;
}

// Codes with which connect() on a path fails say little to those who do not know the system calls.
const unixHints: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket: is the server running?',
  ECONNREFUSED: 'nobody listens on it: the server that made it has ended, or it is no socket',
  ENOTSOCK: 'it is no socket',
  EACCES: 'this process may not write to it',
};

/** An error of a socket in words, with what the user can do about it. */
export function socketErrorText(error: OpensslError, endpoint: Endpoint): string {
  const { code = '' } = error;
  const text = shownText(code.startsWith('ERR_SSL_') ? (error.reason ?? error.message) : error.message);
  const hint = endpoint.tag === 'unix' ? unixHints[code] : (hints[code] ?? alertOf(code));
  return hint === undefined ? text : `${text} (${hint})`;
}

const handshakeHint =
  ': does it speak TLS (else remove the option tls), trust the client certificate (tls.cert) if it asks for one, ' +
  // Flume's source gives each TLS connection a thread of its own.
  'and have a thread left (threads)?';

export const tlsHandshake: Handshake = {
  name: 'TLS',
  unanswered: 'no answer to the TLS handshake',
  whenSilent: handshakeHint,
  whenClosed: handshakeHint,
};

/** The question to ask when a connection stands, and the agent closes it on the first call. */
export function securityQuestion(endpoint: Endpoint): string {
  if (endpoint.tag === 'unix') return 'or without frames (the option framed)';
  if (endpoint.kerberos !== undefined) return 'or has it no thread left (threads)';
  if (typeof endpoint.tls !== 'object') return 'or TLS or Kerberos (the options tls and kerberos)';
  return 'or Kerberos (the option kerberos), or does it not trust the client certificate (tls.cert)';
}

const told = new Set<string>();

/** Warns of connections that others can read, once per process, and of agents that may be anybody, once for each. */
export function warnOfRisk(endpoint: Endpoint): void {
  if (endpoint.tag !== 'tcp') return;
  if (endpoint.isOdd === true && !isLoopback(endpoint.host)) {
    tell('plain', `plain ${endpoint.name}`, `events go to ${endpoint.name} unencrypted, while other agents have TLS`);
  } else if (endpoint.tls === undefined && !isLoopback(endpoint.host)) {
    const how = endpoint.kerberos === undefined ? '' : ', since Kerberos says only who is who';
    const advice = 'set the option tls, or tls: false where that is meant';
    tell('plain', 'plain', `events go to ${endpoint.name} unencrypted${how}: ${advice}`);
  } else if (typeof endpoint.tls === 'object' && endpoint.tls.rejectUnauthorized === false) {
    tell(
      'unverified',
      `unverified ${endpoint.name}`,
      `${endpoint.name} may be anybody: tls.rejectUnauthorized is false`,
    );
  }
}

function tell(kind: string, once: string, message: string): void {
  if (told.has(once)) return;
  told.add(once);
  process.emitWarning(message, { type: 'FlumeWarning', code: `FLUME_${kind.toUpperCase()}_TCP` });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function list<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}

function authority(value: string | Uint8Array): string | Buffer {
  const text = pem('tls.ca', value);
  try {
    // Node ignores what it cannot read as an authority, and then trusts nobody.
    new X509Certificate(text);
  } catch (error) {
    throw new Error(`tls.ca: ${origin(value)} holds no certificate`, { cause: error });
  }
  return text;
}

function pem(option: string, value: string | Uint8Array): string | Buffer {
  if (typeof value === 'string' && value.includes(pemStart)) return value;
  const bytes = typeof value === 'string' ? read(option, value) : Buffer.from(value);
  if (bytes.includes(pemStart)) return bytes;
  const java = option === 'tls.ca' ? 'keytool -exportcert -rfc' : `the option tls.pfx, and ${toPkcs12}`;
  throw new Error(`${option}: ${origin(value)} holds no PEM (for a Java keystore: ${java})`);
}

const pemStart = '-----BEGIN';

function origin(value: string | Uint8Array): string {
  if (typeof value !== 'string') return 'what was given';
  if (value.includes(pemStart)) return 'the text';
  return isPathLike(value) ? value : 'the file';
}

// Many authorities together have a quarter of it.
const maxFileBytes = 1024 * 1024;

function read(option: string, path: string): Buffer {
  try {
    // Followed, since certificates that are renewed are often behind a link.
    return fileBytes(fs, path, maxFileBytes, 'followed');
  } catch (error) {
    // A text that is no path may be the secret itself, and is in the error of the file system too.
    if (isPathLike(path))
      throw new Error(`${option}: cannot read ${path}: ${(error as Error).message}`, { cause: error });
    const code = (error as NodeJS.ErrnoException).code ?? 'it is no file';
    throw new Error(`${option}: cannot read the file of that name: ${code}`);
  }
}

/** An error as it is, unless a peer had much to say in it: the names of its certificate, say. */
export function shortened(error: NodeJS.ErrnoException): Error {
  const message = shownText(error.message);
  return message === error.message && !('cert' in error)
    ? error
    : Object.assign(new Error(message), { code: error.code });
}
