// Builds every package twice from one source: dist/esm for import, dist/cjs for require.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const packages = ['core', 'dev-agent', 'winston', 'pino', 'tools'];

const run = (...args) => execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: 'inherit' });

if (process.argv.includes('--clean')) {
  for (const name of packages) rmSync(path.join(root, 'packages', name, 'dist'), { recursive: true, force: true });
}
try {
  run('-b', ...packages.map((name) => `packages/${name}`));
  for (const name of packages) {
    const dist = path.join(root, 'packages', name, 'dist/cjs');
    run('-p', `packages/${name}/tsconfig.cjs.json`, '--incremental', '--tsBuildInfoFile', `${dist}.tsbuildinfo`);
    writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  }
} catch (error) {
  // The compiler has printed what is wrong.
  process.exit(error.status ?? 1);
}
