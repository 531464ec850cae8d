// What has to be installed for these tests. They fail without it, and never skip.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { requireJava } from '../flume/maven.ts';

/** Throws one line that says what to install when something is missing. */
export function requireInstalled(): void {
  requireJava();
  for (const [command, debian] of needed) {
    if (spawnSync('sh', ['-c', `command -v ${command}`], { env: { ...process.env, PATH: realmPath } }).status === 0)
      continue;
    throw new Error(`${command} not found: the tests with Kerberos need it (Debian: apt-get install ${debian})`);
  }
}

/** Debian has the KDC where only root looks. */
export const realmPath = `${process.env.PATH}:/usr/sbin:/sbin`;

/** What gives a program another clock. */
export function clockLibrary(): string {
  const found = readdirSync('/usr/lib')
    .map((name) => path.join('/usr/lib', name, 'faketime/libfaketime.so.1'))
    .find(existsSync);
  if (found === undefined)
    throw new Error('libfaketime not found: these tests need it (Debian: apt-get install faketime)');
  return found;
}

const needed: readonly (readonly [command: string, debian: string])[] = [
  ['krb5kdc', 'krb5-kdc'],
  ['kadmin.local', 'krb5-admin-server'],
  ['kinit', 'krb5-user'],
];
