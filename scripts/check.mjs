// Everything about the code that can be checked without running it: types, lint, format, dead code, generated code.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const bin = (name) => path.join(root, 'node_modules/.bin', name);

const checks = [
  ['types', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['format', bin('biome'), ['check', '--error-on-warnings']],
  ['dead code', bin('knip'), ['--no-progress']],
  ['options page', process.execPath, ['--import', 'tsx', 'test/docs/options-page.ts', '--check']],
  ['capacity page', process.execPath, ['--import', 'tsx', 'fleet/page/capacity-page.ts', '--check']],
  ['generated code', process.execPath, ['scripts/generate.mjs', '--check']],
];

const failed = checks.filter(([name, command, args]) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(error.message);
  console.log(`check: ${String(name)} ${status === 0 ? 'ok' : 'FAILED'}`);
  return status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
