// A throw-away key and certificate for `localhost`, as a Java keystore and as PEM, made by the JDK's keytool.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { javaTool } from './maven.ts';

export interface Keystore {
  readonly file: string;
  readonly password: string;
  /** PKCS12 is read by Java and, as `pfx`, by Node. */
  readonly type: 'PKCS12';
  /** Self-signed, in PEM: what a client trusts as `ca`. */
  readonly certificate: string;
}

/** Writes the files into `directory`, which is the caller's to remove. */
export function createKeystore(directory: string): Keystore {
  const file = path.join(directory, 'keystore.p12');
  const pem = path.join(directory, 'certificate.pem');
  const password = 'changeit';
  const keytool = (...args: string[]) =>
    execFileSync(javaTool('keytool'), [...args, '-alias', 'agent', '-keystore', file, '-storepass', password], {
      stdio: 'pipe',
    });
  const key = ['-keyalg', 'RSA', '-keysize', '2048', '-storetype', 'PKCS12'];
  const certificate = ['-validity', '30', '-dname', 'CN=localhost', '-ext', 'san=dns:localhost,ip:127.0.0.1'];
  keytool('-genkeypair', ...key, ...certificate);
  keytool('-exportcert', '-rfc', '-file', pem);
  return { file, password, type: 'PKCS12', certificate: readFileSync(pem, 'utf8') };
}
