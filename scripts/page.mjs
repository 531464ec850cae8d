// Builds the development agent's page into its dist/page: its scripts from TypeScript, its other files and the chart library
// as they are. Nothing of it is fetched from elsewhere, then or later.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const page = path.join(root, 'packages/dev-agent/page');
const target = path.join(root, 'packages/dev-agent/dist/page');

/** @param tsc the file of the TypeScript compiler */
export function buildPage(tsc) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', page], { cwd: root, stdio: 'inherit' });
  // The compiler has printed what is wrong.
  if (status !== 0) process.exit(1);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(page)) {
    if (/\.(html|css|svg)$/.test(name)) copyFileSync(path.join(page, name), path.join(target, name));
  }
  const chart = path.dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  for (const [from, name] of [
    ['dist/uPlot.iife.min.js', 'uplot.js'],
    ['dist/uPlot.min.css', 'uplot.css'],
    ['LICENSE', 'uplot.LICENSE.txt'],
  ]) {
    copyFileSync(path.join(chart, from), path.join(target, name));
  }
}
