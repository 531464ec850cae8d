// What has to be installed for these tests. They fail without it, and never skip.
import { spawnSync } from 'node:child_process';
import { requireJava } from '../flume/maven.ts';

/** Debian's own: the one that its package python3-thrift is for. */
export const python = '/usr/bin/python3';

/** Throws one line that says what to install when something is missing. */
export function requireInstalled(): void {
  requireJava();
  for (const [name, command, args, debian] of needed) {
    const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
    if (error !== undefined || status !== 0) {
      throw new Error(`${name} not found: the interop tests need it (Debian: apt-get install ${debian})`);
    }
  }
}

const needed: readonly (readonly [name: string, command: string, args: readonly string[], debian: string])[] = [
  ['mvn', 'mvn', ['--version'], 'maven'],
  ['the Thrift compiler', 'thrift', ['--version'], 'thrift-compiler'],
  [`Thrift for ${python}`, python, ['-c', 'import thrift'], 'python3-thrift'],
];
