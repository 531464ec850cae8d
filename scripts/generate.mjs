// Generates the Thrift code from idl/flume.thrift with the Thrift compiler (Debian: thrift-compiler).
// With --check, generates into a temporary folder and fails where the committed code differs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const committed = path.join(root, 'packages/dev-agent/generated');
// Another version words its output differently, so only this one is compared.
const compilerVersion = '0.17.0';

const compile = (folder) =>
  execFileSync('thrift', ['--gen', 'js:node,es6', '-out', folder, path.join(root, 'idl/flume.thrift')], {
    stdio: 'inherit',
  });

function installedVersion() {
  try {
    return /\d+\.\d+\.\d+/.exec(execFileSync('thrift', ['--version'], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined;
  }
}

function staleFiles() {
  const fresh = mkdtempSync(path.join(tmpdir(), 'flume-generate-'));
  try {
    compile(fresh);
    return readdirSync(fresh).filter((name) => {
      const expected = readFileSync(path.join(fresh, name), 'utf8');
      try {
        return readFileSync(path.join(committed, name), 'utf8') !== expected;
      } catch {
        return true;
      }
    });
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

const version = installedVersion();
if (!process.argv.includes('--check')) {
  if (version === undefined) {
    console.error('generate: no Thrift compiler found; install one (Debian: apt-get install thrift-compiler)');
    process.exit(1);
  }
  compile(committed);
} else if (version !== compilerVersion) {
  const found = version === undefined ? 'none is installed' : `${version} is installed`;
  if (process.env.CI) {
    console.error(`generate: CI needs the Thrift compiler ${compilerVersion}, ${found}`);
    process.exit(1);
  }
  console.log(`generate: not checked, needs the Thrift compiler ${compilerVersion}, ${found}`);
} else {
  const stale = staleFiles();
  if (stale.length > 0) {
    console.error(`generate: stale, run "npm run generate": ${stale.join(', ')}`);
    process.exit(1);
  }
}
