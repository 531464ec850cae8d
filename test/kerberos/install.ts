// The step before the tests with Kerberos: fetches Flume with Hadoop's client, and compiles the npm package kerberos here,
// where only these tests find it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installFlume, installSinkLibrary } from '../flume/maven.ts';
import { run } from '../pack/command.ts';

const here = import.meta.dirname;
const lockfile = readFileSync(path.join(here, 'package-lock.json'));
const stamp = path.join(here, 'node_modules/.installed');

try {
  await installFlume('1.11.0');
  await installSinkLibrary('hdfs-sink');
  if (!existsSync(stamp) || !readFileSync(stamp).equals(lockfile)) {
    process.stdout.write('kerberos: compiling\n');
    // Where this Node.js has brought its headers, none are fetched.
    const prefix = path.join(process.execPath, '../..');
    const headers = existsSync(path.join(prefix, 'include/node/node_api.h'));
    const env = { ...process.env, ...(headers && { npm_config_nodedir: prefix }) };
    await run('npm', ['ci'], { cwd: here, timeoutMs: 300_000, env });
    writeFileSync(stamp, lockfile);
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
