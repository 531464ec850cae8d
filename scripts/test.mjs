// Runs the test files below the folders that are named, with Node's own runner.
// Node 20 expands no globs of its own, so the files are listed here.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist', 'programs'].includes(entry.name) ? [] : filesBelow(name);
    return entry.name.endsWith('.test.ts') ? [name] : [];
  });

const files = process.argv.slice(2).flatMap((name) => {
  const place = path.resolve(root, name);
  return statSync(place).isDirectory() ? filesBelow(place).sort() : [place];
});
if (files.length === 0) {
  console.error(`test: no *.test.ts below ${process.argv.slice(2).join(', ')}`);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
