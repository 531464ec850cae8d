// Certificates for the time of a test: elliptic curves, since RSA keys take seconds to make.
import net from 'node:net';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Who signs it. Default: it signs itself. */
  readonly by?: Certificate;
  /** Host names and addresses that it is good for. */
  readonly names?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

export async function certificate(subject: string, options: CertificateOptions = {}): Promise<Certificate> {
  const { by, names = [], validFrom, validTo, passphrase } = options;
  const { cert, private: key } = await generate([{ name: 'commonName', value: subject }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (net.isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
    ...(by === undefined ? {} : { ca: by }),
    ...(validFrom === undefined ? {} : { notBeforeDate: validFrom }),
    ...(validTo === undefined ? {} : { notAfterDate: validTo }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  return { cert, key };
}

/** An authority that can sign others. */
export async function authority(subject: string): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: subject }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert, key };
}
