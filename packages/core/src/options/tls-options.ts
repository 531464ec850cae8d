// The option tls, of all agents or of one: checked, and made ours. Nothing that stands in it is ever shown.

import { isIP } from 'node:net';
import * as v from 'valibot';
import type { TlsOptions } from '../endpoint.ts';
import { kindOf } from '../shown-value.ts';
import { checkOptions, oneOf, trueOrFalse, wrongOption } from './option-check.ts';

type Material = string | Uint8Array;

const material = v.custom<Material>(
  (value) => (typeof value === 'string' && value !== '') || value instanceof Uint8Array,
  'PEM text, the path of a file, or bytes',
);

const tlsSchema = v.strictObject({
  ca: v.optional(
    v.custom<NonNullable<TlsOptions['ca']>>(
      (value) =>
        (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string' || one instanceof Uint8Array),
      'PEM text, the path of a file, or bytes, or a list of these',
    ),
  ),
  cert: v.optional(material),
  key: v.optional(material),
  pfx: v.optional(material),
  passphrase: v.optional(v.string('a string')),
  // TLS knows no addresses there, and Node warns of one.
  servername: v.optional(
    v.custom<string>((value) => typeof value === 'string' && isIP(value) === 0, 'a host name, not an address'),
  ),
  minVersion: v.optional(oneOf('TLSv1.2', 'TLSv1.3')),
  rejectUnauthorized: v.optional(trueOrFalse),
});

/**
 * @returns options with every key of their own, so that whatever is set on `Object.prototype` later means nothing
 * @throws FlumeError `ERR_FLUME_OPTION` naming the option
 */
export function resolveTls(name: string, value: unknown): TlsOptions | false | undefined {
  if (value === undefined || value === false) return value;
  if (value !== true && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw wrongOption(name, `expected an object, got ${kindOf(value)}`);
  }
  const given = value === true ? {} : value;
  const checked = checkOptions(v.strictObject({ [name]: tlsSchema }), { [name]: given })[name] as TlsOptions;
  if ((checked.cert === undefined) !== (checked.key === undefined)) {
    throw wrongOption(name, `expected cert and key together, got only ${checked.cert === undefined ? 'key' : 'cert'}`);
  }
  if (checked.pfx !== undefined && checked.cert !== undefined) {
    throw wrongOption(name, 'expected either pfx or cert and key, got both');
  }
  const { ca, cert, key, pfx, passphrase, servername, minVersion = 'TLSv1.2', rejectUnauthorized = true } = checked;
  const of = (option: 'ca' | 'cert' | 'key', one: Material): Material => pemOf(`${name}.${option}`, one);
  return Object.freeze({
    ca: ca === undefined ? ca : (Array.isArray(ca) ? ca : [ca]).map((one: Material) => of('ca', one)),
    cert: cert === undefined ? cert : of('cert', cert),
    key: key === undefined ? key : of('key', key),
    pfx: pfx === undefined ? pfx : pkcs12Of(`${name}.pfx`, pfx),
    passphrase,
    servername,
    minVersion,
    rejectUnauthorized,
  });
}

const pemStart = '-----BEGIN';
const longestPath = 1_024;

/** PEM as text, also where it was given as base64 of it, as in an environment; a path; or bytes. */
function pemOf(name: string, value: Material): Material {
  if (typeof value !== 'string') return Buffer.from(value);
  if (value.includes(pemStart)) return value;
  const bytes = fromBase64(value);
  const text = bytes?.toString('latin1');
  if (text?.startsWith(pemStart) === true) return text;
  if (bytes === undefined && isPath(value)) return value;
  const lines = bytes === undefined ? '' : ': its BEGIN and END lines belong to it';
  throw wrongOption(name, `expected PEM text, base64 of it, the path of a file, or bytes, got other text${lines}`);
}

function pkcs12Of(name: string, value: Material): Material {
  if (typeof value !== 'string') return Buffer.from(value);
  const bytes = fromBase64(value);
  if (bytes?.[0] === derSequence) return bytes;
  if (bytes === undefined && isPath(value)) return value;
  throw wrongOption(name, 'expected PKCS#12 as bytes or as base64, or the path of a file, got other text');
}

const derSequence = 0x30;

/** @returns undefined for what may be a path: that is shorter, or has other characters */
function fromBase64(text: string): Buffer | undefined {
  const compact = text.replaceAll(/\s/g, '');
  const isKey = /^(?:LS0tLS1|MI)/.test(compact) && compact.length >= 64;
  return isKey && /^[A-Za-z0-9+/_-]+={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}

const isPath = (text: string): boolean => text.length <= longestPath && !/[\p{Cc}]/u.test(text);
